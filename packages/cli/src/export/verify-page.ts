import { readFile } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';

/** Beside the bundled program; in a checkout, where `make build` puts it. */
const places = ['./verify-page.html', '../../../../out/verify-page.html'] as const;

/** The self-contained verification page: the same bytes in every export of one version. */
export async function readVerifyPage(): Promise<Uint8Array> {
  for (const place of places) {
    const bytes = await readFile(new URL(place, import.meta.url)).catch(() => undefined);
    if (bytes !== undefined) return bytes;
  }
  throw new CliError('state', 'the verification page is not built: run make build');
}
