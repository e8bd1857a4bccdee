import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Tool {
  readonly path: string;
  /** Why there is none. */
  readonly missing?: string;
}

/** What `test/tools/NAME.sh` has put into the cache; it is not fetched here, where there may be no network. */
export function toolPath(name: 'chromium' | 'claude-code' | 'python-mcp'): Tool {
  const script = fileURLToPath(new URL(`../../tools/${name}.sh`, import.meta.url));
  const { status, stdout } = spawnSync(script, ['--cached'], { encoding: 'utf8' });
  const path = stdout.trim();
  return status === 0 ? { path } : { path, missing: `not fetched: run test/tools/${name}.sh first` };
}
