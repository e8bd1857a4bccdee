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
  /** Exit code of `tacho verify` over the whole log, and its findings about this namespace's streams that are no mere notes. */
  readonly verdict: { readonly code: number; readonly findings: readonly Finding[] };
}

interface Finding {
  readonly severity: string;
  readonly reason: string;
}

/** Pulls a namespace's part of the archive, verifies it offline, and reads its records. */
export async function pullAndVerify(namespace: string): Promise<Pulled> {
  const { bucket, endpoint, policyFile } = await installation();
  const dir = mkdtempSync(join(tmpdir(), 'tacho-e2e-'));
  const pulled = await tacho(
    'pull',
    '--bucket',
    bucket,
    '--endpoint',
    endpoint,
    '--namespace',
    namespace,
    '--out',
    dir,
  );
  if (pulled.code !== 0) throw new Error(`tacho pull: exit ${pulled.code}: ${pulled.stderr}`);
  const { code, stdout } = await tacho('verify', dir, '--policy', policyFile, '--json');
  const records = readRecords(dir, namespace);
  return { dir, records, verdict: { code, findings: findingsAbout(records, stdout) } };
}

/** Other suites kill and lose streams on purpose: what is said of theirs is theirs to expect. */
function findingsAbout(records: readonly StoredRecord[], report: string): readonly Finding[] {
  const streams = [...new Set(records.map(({ stream }) => stream))];
  const { findings } = JSON.parse(report) as { findings: { list: Finding[] } };
  const concerns = (finding: Finding): boolean => streams.some((stream) => JSON.stringify(finding).includes(stream));
  return findings.list.filter((finding) => finding.severity !== 'note' && concerns(finding));
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

/** A record's body, wherever it stands: in the line, or beside it when it was over 256 KiB. */
export function bodyOf({ dir }: Pulled, record: StoredRecord): string {
  if (record.blob === undefined) return record.body ?? '';
  const [file = ''] = globSync(`v1/blobs/dt=*/${record.stream}/${record.blob.sha256}`, { cwd: dir });
  return readFileSync(join(dir, file), 'utf8');
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
