// The end of every drill: pull, verify offline, and hold what was sent against what is archived and what is reported.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tacho } from './rig.mjs';

/** Pulls everything and verifies the copy; no network after the pull. */
export async function pullAndVerify(rig, { name = 'archive', codes = [0, 1, 2, 3], verifyArgs = [] } = {}) {
  await rig.covered();
  const archive = join(rig.dir, name);
  await tacho(['pull', ...rig.where, '--all', '--out', archive], { codes: [0, 1, 3] });
  return { archive, ...(await verify(rig, archive, { codes, verifyArgs })) };
}

/** `tacho verify --json` of a directory or, with `--endpoint`, of the bucket. */
export async function verify(rig, archive, { codes = [0, 1, 2, 3], verifyArgs = [], policy } = {}) {
  const file = policy ?? (await rig.policyFile());
  const { code, stdout } = await tacho(
    ['verify', archive, '--policy', file, '--json', '--no-remember', ...verifyArgs],
    {
      codes,
    },
  );
  const report = JSON.parse(stdout);
  return { code, report, findings: report.findings.list };
}

/** Every record of a pulled archive, in stream and sequence order. */
export function readRecords(archive) {
  return globSync('v1/records/**/*.jsonl.gz', { cwd: archive })
    .toSorted()
    .flatMap((file) =>
      gunzipSync(readFileSync(join(archive, file)))
        .toString('utf8')
        .trimEnd()
        .split('\n'),
    )
    .map((line) => JSON.parse(line));
}

/** The text of every leaf of a pulled archive's log, in order. */
export function readLeafTexts(archive) {
  return globSync('v1/log/batch/*', { cwd: archive })
    .toSorted()
    .flatMap((file) => {
      const text = readFileSync(join(archive, file), 'utf8');
      return text.slice(0, text.lastIndexOf('\n\n')).split('\n').slice(4);
    })
    .filter((line) => line.startsWith('{'));
}

/** Every leaf, in order. */
export const readLeaves = (archive) => readLeafTexts(archive).map((text) => JSON.parse(text));

const markersOf = (text) => text.match(/marker-\d+-end/g) ?? [];

function bodiesOf(archive, record) {
  if (record.blob === undefined) return record.body ?? '';
  const [file] = globSync(`v1/blobs/*/${record.stream}/${record.blob.sha256}`, { cwd: archive });
  return file === undefined ? '' : readFileSync(join(archive, file), 'utf8');
}

const sumOf = (numbers) => numbers.reduce((sum, one) => sum + one, 0);

/** Calls that `gap` records say were refused. */
function countRefusals(records) {
  const gaps = records.filter(({ kind, detail }) => kind === 'gap' && detail?.cause === 'calls_refused');
  const rows = gaps.flatMap(({ detail }) => detail.refused ?? []);
  return sumOf(rows.map(({ count }) => count)) + sumOf(gaps.map(({ detail }) => detail.others ?? 0));
}

/** Records that `stream.lost` leaves say are missing. */
function countLosses(leaves) {
  const losses = leaves.filter(({ type }) => type === 'stream.lost');
  return sumOf(losses.map((leaf) => Math.max(0, leaf.lastReportedSeq - leaf.lastArchivedSeq)));
}

function sets(archive, loads) {
  const records = readRecords(archive);
  const markers = (kind) =>
    new Set(records.filter((one) => one.kind === kind).flatMap((one) => markersOf(bodiesOf(archive, one))));
  const calls = new Map(loads.flatMap(({ calls: one }) => [...one]));
  return { records, calls, requests: markers('mcp.request'), responses: markers('mcp.response') };
}

/**
 * What became of every call. `archived`: its request is in the archive. `reported`: the archive says that it was refused
 * or is lost. `cut`: the connection broke, nothing ran and nothing is recorded. `wrong` must be empty.
 */
export function account({ archive, executed, loads, code, findings, lossAllowed = false, unstated = 0 }) {
  const { records, calls, requests, responses } = sets(archive, loads);
  const leaves = readLeaves(archive);
  const of = (state) => [...calls].filter(([, one]) => one === state).map(([marker]) => marker);
  const absent = (list) => list.filter((marker) => !requests.has(marker));
  const refused = absent(of('refused'));
  const lost = absent([...of('acknowledged'), ...of('broken').filter((marker) => executed.has(marker))]);
  const cut = absent(of('broken')).filter((marker) => !executed.has(marker));
  const figures = {
    sent: calls.size,
    acknowledged: of('acknowledged').length,
    archived: [...calls.keys()].filter((marker) => requests.has(marker)).length,
    refused: refused.length,
    lost: lost.length,
    cut: cut.length,
    refusalsReported: countRefusals(records),
    recordsReportedLost: countLosses(leaves),
    // Refused while nothing could be written until the recorder ended: only the callers know.
    unstated,
    records: records.length,
    findings: summary(findings),
    exit: code,
  };
  const unanswered = of('acknowledged').filter((marker) => requests.has(marker) && !responses.has(marker));
  const wrong = [
    ...wrongVerdict(code, findings),
    ...wrongSums(figures, of('sent').length),
    ...(lossAllowed ? [] : wrongLosses(lost, unanswered)),
  ];
  return { figures, wrong, records, leaves, lost, requests, responses };
}

function wrongVerdict(code, findings) {
  if (code === 3) return ['verify: inputs missing'];
  if (code !== 1) return [];
  const found = findings.find(({ severity }) => severity === 'tampered');
  return [`verify: tampered: ${found?.object}: ${found?.reason}`];
}

function wrongSums(figures, endless) {
  const { sent, archived, refused, lost, cut, refusalsReported, recordsReportedLost, unstated } = figures;
  return [
    ...(endless > 0 ? [`${endless} calls without an end`] : []),
    ...(lost > 0 && recordsReportedLost === 0 ? ['a loss is not reported'] : []),
    ...(refusalsReported + unstated < refused ? [`${refused} refused, ${refusalsReported} reported`] : []),
    ...(sent === archived + refused + lost + cut ? [] : ['sent is not archived + refused + lost + cut']),
  ];
}

function wrongLosses(lost, unanswered) {
  return [
    ...(lost.length > 0 ? [`${lost.length} calls ran and are not archived: ${lost.slice(0, 3)}`] : []),
    ...(unanswered.length > 0 ? [`${unanswered.length} answers are not archived`] : []),
  ];
}

/** `kind×count`, notes left out. */
export function summary(findings) {
  const counts = new Map();
  for (const { severity, kind } of findings) {
    if (severity !== 'note') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${kind}×${count}`).join(' ') || '–';
}
