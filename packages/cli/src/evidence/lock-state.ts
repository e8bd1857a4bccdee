/** The archive bucket's settings as they are: from `tacho bucket check --json`, or asked for now. */
import { readFile } from 'node:fs/promises';
import { isJsonObject, parseJson } from '@tachograph/protocol';
import { checkBucket, parseStoreUrl } from '@tachograph/store';
import { CliError } from '../cli-error.ts';

/** One setting. `source`: where it was learnt. */
export interface FoundSetting {
  readonly setting: string;
  readonly got: string;
  readonly want: string;
  readonly ok: boolean | undefined;
  readonly source: string;
}

/** Reads what `tacho bucket check --json` printed. Throws `usage`. */
export async function readLockState(file: string): Promise<readonly FoundSetting[]> {
  const value = parseJson(await readText(file));
  const findings = isJsonObject(value) ? value['findings'] : undefined;
  if (!Array.isArray(findings)) throw new CliError('usage', `${file}: expected what tacho bucket check --json prints`);
  return findings.map((finding: unknown) => {
    const { setting, got, want, ok } = isJsonObject(finding) ? finding : {};
    if (typeof setting !== 'string' || typeof got !== 'string') {
      throw new CliError('usage', `${file}: expected findings with setting and got`);
    }
    return {
      setting,
      got,
      want: typeof want === 'string' ? want : '',
      ok: typeof ok === 'boolean' ? ok : undefined,
      source: 'tacho bucket check',
    };
  });
}

/** Asks the bucket. What is wanted is not known here: it says what is there. */
export async function askLockState(
  address: string,
  connection: { readonly apiEndpoint?: string },
): Promise<readonly FoundSetting[]> {
  const location = parseStoreUrl(address);
  if (location.kind !== 'gcs') return [];
  const wanted = { name: location.bucket, location: '', retentionSeconds: 1, lock: true };
  const findings = await checkBucket(wanted, connection);
  return findings.map(({ setting, got }) => ({
    setting,
    got,
    want: '',
    ok: undefined,
    source: 'asked for this export',
  }));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
}
