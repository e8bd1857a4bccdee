import { readFileSync } from 'node:fs';

declare const TACHO_VERSION: string | undefined;

/** The program's version: that of its package, or what the bundler put in. */
export function programVersion(): string {
  if (typeof TACHO_VERSION === 'string') return TACHO_VERSION;
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? String(Reflect.get(manifest, 'version')) : 'unknown';
  } catch {
    return 'unknown';
  }
}
