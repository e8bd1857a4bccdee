// SIGKILLs the sidecar COUNT times at random moments under load, then proves: no acknowledged call without a record,
// every gap explained, `tacho verify` 0 or 2. Usage: kill-loop.mjs [COUNT]
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerToken, exportPolicy, logTails, startInstallation, tacho } from '../../demo/installation.mjs';
import { until } from '../../demo/processes.mjs';
import { readRecords } from '../drills/account.mjs';

const kills = Number(process.argv[2] ?? 100);
const clients = 8;
const dir = mkdtempSync(join(tmpdir(), 'tachograph-kill-'));
const acknowledged = new Set();
const unanswered = new Set();
let next = 0;
const load = { running: true };

/** One client: opens a session, calls echo with markers of its own, reopens when the sidecar is gone. */
async function client(url, token) {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
  };
  const send = (body, more = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
  while (load.running) {
    try {
      const params = {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'kill-loop', version: '1' },
      };
      const opened = await send({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
      await opened.text();
      const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
      while (load.running) await call(send, session);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function call(send, session) {
  const marker = `marker-${(next += 1)}-end`;
  unanswered.add(marker);
  const answer = await send(
    { jsonrpc: '2.0', id: next, method: 'tools/call', params: { name: 'echo', arguments: { message: marker } } },
    session,
  );
  const text = await answer.text();
  if (answer.status !== 200 || !text.includes(`Echo: ${marker}`)) throw new Error(`not acknowledged: ${answer.status}`);
  unanswered.delete(marker);
  acknowledged.add(marker);
}

async function killMany(installation) {
  let { sidecar } = installation;
  for (let index = 0; index < kills; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 450));
    sidecar.child.kill('SIGKILL');
    await sidecar.ended;
    sidecar = await installation.startSidecar();
    if ((index + 1) % 20 === 0) console.log(`  ${index + 1} kills, ${acknowledged.size} calls acknowledged`);
  }
  return sidecar;
}

/** Markers by what the archive knows of them: request recorded, response recorded. */
function seen(records, kind) {
  const markers = new Set();
  for (const record of records) {
    if (record.kind !== kind) continue;
    for (const [marker] of (record.body ?? '').matchAll(/marker-\d+-end/g)) markers.add(marker);
  }
  return markers;
}

function judge(records, verdict) {
  const requests = seen(records, 'mcp.request');
  const responses = seen(records, 'mcp.response');
  const lost = [...acknowledged].filter((marker) => !requests.has(marker) || !responses.has(marker));
  const open = [...requests].filter((marker) => !responses.has(marker));
  const resumed = records.filter(({ kind }) => kind === 'stream.resume');
  const explained = JSON.stringify(resumed.map(({ detail }) => detail));
  const unexplained = records.filter(
    (record) =>
      record.kind === 'mcp.request' &&
      open.some((marker) => record.body?.includes(marker)) &&
      !explained.includes(`"seq":${record.seq}`) &&
      !records.some(
        (other) =>
          other.stream === record.stream &&
          other.exchange === record.exchange &&
          other.kind === 'http.exchange' &&
          other.outcome !== undefined,
      ),
  );
  const facts = {
    kills,
    sent: next,
    acknowledged: acknowledged.size,
    archived: requests.size,
    // The connection broke before anything was recorded: the caller knows, and nothing ran.
    cut: [...unanswered].filter((marker) => !requests.has(marker)).length,
    lost: lost.length,
    open: open.length,
    unexplained: unexplained.length,
    resumes: resumed.length,
    records: records.length,
    findings: findingsOf(verdict),
    verify: verdict.code,
  };
  console.log(JSON.stringify(facts));
  if (lost.length > 0) console.error(`lost: ${lost.slice(0, 5).join(', ')}`);
  return lost.length === 0 && unexplained.length === 0 && acknowledged.size > kills && [0, 2].includes(verdict.code);
}

/** `kind×count` of everything but notes. */
function findingsOf(verdict) {
  const counts = new Map();
  for (const { kind, severity } of JSON.parse(verdict.stdout).findings.list) {
    if (severity !== 'note') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${kind}×${count}`).join(' ') || '–';
}

const installation = await startInstallation(dir);
let passed = false;
try {
  const token = await callerToken(installation, 'alice');
  const running = Promise.all(Array.from({ length: clients }, () => client(installation.url, token)));
  const sidecar = await killMany(installation);
  load.running = false;
  await running;
  await installation.processes.stop(sidecar);
  const drained = await installation.startSidecar();
  await until('every segment to be archived', async () => spoolIsEmpty(), 60_000);
  await installation.processes.stop(drained);
  const archive = join(dir, 'archive');
  await tacho([
    'pull',
    '--bucket',
    installation.bucket,
    '--endpoint',
    installation.endpoint,
    '--all',
    '--out',
    archive,
  ]);
  await exportPolicy(installation, join(dir, 'policy.txt'));
  const verdict = await tacho(['verify', archive, '--policy', join(dir, 'policy.txt'), '--json', '--no-remember'], {
    codes: [0, 1, 2, 3],
  });
  if (verdict.code === 1) console.error(verdict.stdout);
  passed = judge(readRecords(archive), verdict);
} catch (error) {
  console.error(`${error.message}\n${logTails(installation.processes, ['controller', 'sequencer', 'sidecar'])}`);
} finally {
  load.running = false;
  await installation.processes.stopAll();
}

/** Sealed segments that wait for shipping, of streams that ended. */
function spoolIsEmpty() {
  return globSync('spool/**/*.jsonl.gz', { cwd: dir }).length === 0;
}

if (passed) rmSync(dir, { recursive: true, force: true });
console.log(passed ? '1 passed, 0 failed, 0 skipped' : '0 passed, 1 failed, 0 skipped');
process.exit(passed ? 0 : 1);
