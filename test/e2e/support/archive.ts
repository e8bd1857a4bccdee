import { readFileSync, globSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parseRecord, type StoredRecord } from '@tachograph/protocol';
import { command, until, type CommandResult } from './kubectl.ts';
import { installation } from './installation.ts';

const tachoBin = fileURLToPath(new URL('../../../packages/cli/bin/tacho.js', import.meta.url));

/** `tacho ARGS…`, as a person in the checkout runs it. */
export async function tacho(...args: readonly string[]): Promise<CommandResult> {
  return command(process.execPath, [tachoBin, ...args]);
}

export interface Pulled {
  readonly dir: string;
  readonly records: readonly StoredRecord[];
  readonly verdict: CommandResult;
}

/** Pulls everything of the installation, verifies it offline, and reads the namespace's records. */
export async function pullAndVerify(namespace: string): Promise<Pulled> {
  const { bucket, endpoint, policyFile } = await installation();
  const dir = mkdtempSync(join(tmpdir(), 'tacho-e2e-'));
  const pulled = await tacho('pull', '--bucket', bucket, '--endpoint', endpoint, '--all', '--out', dir);
  if (pulled.code !== 0) throw new Error(`tacho pull: exit ${pulled.code}: ${pulled.stderr}`);
  const verdict = await tacho('verify', dir, '--policy', policyFile);
  return { dir, records: readRecords(dir, namespace), verdict };
}

/** Pulls until the archive holds what the test waits for: shipping takes up to a minute when nothing closes a session. */
export async function pullUntil(
  namespace: string,
  holds: (records: readonly StoredRecord[]) => boolean,
): Promise<Pulled> {
  return until(
    `records of ${namespace} in the archive`,
    async () => {
      const pulled = await pullAndVerify(namespace);
      return holds(pulled.records) ? pulled : undefined;
    },
    100_000,
  );
}

/** Every record of a namespace in a pulled archive, in name order: by stream, then by sequence. */
function readRecords(dir: string, namespace: string): readonly StoredRecord[] {
  return globSync(`v1/records/cluster=*/namespace=${namespace}/dt=*/*.jsonl.gz`, { cwd: dir })
    .toSorted()
    .flatMap((file) =>
      gunzipSync(readFileSync(join(dir, file)))
        .toString('utf8')
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => parseRecord(line))
    .filter((record) => record !== undefined);
}

/** Requests for a tool, by the text that the test put into their arguments. */
export function toolRequests(records: readonly StoredRecord[], marker: string): readonly StoredRecord[] {
  return records.filter((record) => record.kind === 'mcp.request' && record.body?.includes(marker) === true);
}

/** Records that say how a request ended: its response, or the end of its exchange. */
export function terminalOf(records: readonly StoredRecord[], request: StoredRecord): readonly StoredRecord[] {
  return records.filter(
    (record) =>
      record.stream === request.stream &&
      record.exchange === request.exchange &&
      (record.kind === 'mcp.response' || (record.kind === 'http.exchange' && record.outcome !== undefined)),
  );
}
