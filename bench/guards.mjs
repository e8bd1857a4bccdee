// What judging a command costs:  node bench/guards.mjs [--json]   (after make bundle)
// In this process: ms of one judgement by kind and size. Through the sidecar's thread: the same with both ways of the
// message. Memory: RSS of a process that has the policy package and judges nothing, then its first guarded text.
import { spawnSync } from 'node:child_process';
import { openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const policy = join(root, 'packages/policy/src/index.ts');
const thread = join(root, 'packages/sidecar/src/guards/guard-thread.ts');
const texts = 500;

if (!process.execArgv.includes('--conditions=source')) {
  const { status } = spawnSync(process.execPath, ['--conditions=source', '--expose-gc', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}

const line =
  'kubectl get pods -n prod -o json | jq ".items[].metadata.name" | grep -v "^kube" | sort | uniq -c > out.txt && ';
const query =
  "SELECT u.id, u.name, count(o.id) AS n FROM users u JOIN orders o ON o.user_id = u.id WHERE o.total > 100 AND u.status IN ('a', 'b') AND u.created_at > now() - interval '30 days' GROUP BY u.id, u.name ORDER BY n DESC LIMIT 50";
const repeat = (text, size) => text.repeat(Math.ceil(size / text.length)).slice(0, size);
const oneStatement = `SELECT ${Array.from({ length: 40 }, (_, at) => `coalesce(t.column_${at}, ${at}) AS c${at}`).join(', ')} FROM t WHERE ${Array.from({ length: 80 }, (_, at) => `t.a${at} = ${at}`).join(' AND ')}`;

const jobs = {
  'shell, 1 KB': { kind: 'shell', text: repeat(line, 1000).replace(/&&[^&]*$/, '&& ls') },
  'SQL, 270 B, PostgreSQL': { kind: 'sql', text: query, dialect: 'postgresql' },
  'SQL, 4 KB, PostgreSQL, many statements': {
    kind: 'sql',
    text: Array(18)
      .fill(query)
      .join('; ')
      .slice(0, 4096)
      .replace(/;[^;]*$/, ''),
    dialect: 'postgresql',
  },
  'SQL, 4 KB, PostgreSQL, one statement': { kind: 'sql', text: oneStatement.padEnd(4096), dialect: 'postgresql' },
  'SQL, 4 KB, no dialect': {
    kind: 'sql',
    text: Array(18)
      .fill(query)
      .join('; ')
      .slice(0, 4096)
      .replace(/;[^;]*$/, ''),
  },
  'SQL, 4 KB, MySQL': {
    kind: 'sql',
    text: Array(18)
      .fill(query)
      .join('; ')
      .slice(0, 4096)
      .replace(/;[^;]*$/, ''),
    dialect: 'mysql',
  },
};

const rssMb = () => {
  globalThis.gc?.();
  return Math.round(process.memoryUsage.rss() / 1e5) / 10;
};

const at = (sorted, share) => Number(sorted[Math.floor(sorted.length * share)].toFixed(3));
const spread = (ms) => {
  const sorted = ms.toSorted((a, b) => a - b);
  return { p50Ms: at(sorted, 0.5), p99Ms: at(sorted, 0.99) };
};

/** Of each text the fastest of five runs: what else the machine does is left out. No text comes twice: the thread knows those. */
async function times(job, judge) {
  const ms = [];
  const mark = job.kind === 'sql' ? ' -- ' : ' # ';
  for (let index = 0; index < texts; index += 1) {
    let fastest = Infinity;
    for (let run = 0; run < 5; run += 1) {
      const one = { ...job, text: `${job.text}${mark}${index}.${run}` };
      const start = performance.now();
      await judge(one);
      fastest = Math.min(fastest, performance.now() - start);
    }
    ms.push(fastest);
  }
  return spread(ms.slice(texts / 10));
}

const status = openSync(`/proc/self/task/${process.pid}/status`);
const statusBytes = Buffer.alloc(4096);

/** How often the kernel has taken the core from this thread. */
function interruptions() {
  const length = readSync(status, statusBytes, 0, statusBytes.length, 0);
  return /nonvoluntary_ctxt_switches:\s+(\d+)/.exec(statusBytes.latin1Slice(0, length))?.[1];
}

/**
 * Every run counts, with the garbage collections in it, but for those in which another process got the core. CPU time
 * would leave these out by itself, but the kernel may book it in ticks of 4 ms.
 */
async function directTimes(job, judge) {
  const ms = [];
  for (let run = 0; run < texts * 5; run += 1) {
    const one = { ...job, text: `${job.text}${job.kind === 'sql' ? ' -- ' : ' # '}${run}` };
    const before = interruptions();
    const start = performance.now();
    judge(one);
    const tookMs = performance.now() - start;
    if (run >= texts / 2 && interruptions() === before) ms.push(tookMs);
    // Collections that wait for a turn of the loop get one.
    if (run % 50 === 0) await new Promise(setImmediate);
  }
  return spread(ms);
}

const before = rssMb();
const { createGuards } = await import(policy);
const idle = rssMb();
const { createGuardThread } = await import(thread);
const result = { bytes: {}, direct: {}, throughThread: {}, rssMb: { node: before, policyPackage: idle } };
const guardThread = createGuardThread({
  log: { debug() {}, info() {}, warn() {}, error() {} },
  loadMs: 20_000,
  deadlineMs: 1000,
});
result.rssMb.withThreadNotStarted = rssMb();
for (const [name, job] of Object.entries(jobs)) {
  result.bytes[name] = job.text.length;
  result.verdict = await guardThread.judge(job);
  if (result.verdict.verdict !== 'read' && result.verdict.verdict !== 'benign')
    throw new Error(`${name}: ${JSON.stringify(result.verdict)}`);
  result.throughThread[name] = await times(job, async (one) => guardThread.judge(one));
}
delete result.verdict;
result.rssMb.afterGuardedTexts = rssMb();
await guardThread.close();
const guards = createGuards();
for (const [name, job] of Object.entries(jobs)) {
  await guards.prepare(job);
  result.direct[name] = await directTimes(job, (one) => guards.judge(one));
}

if (process.argv.includes('--json')) console.log(JSON.stringify(result, null, 2));
else {
  console.log(
    'ms of one judgement'.padEnd(42),
    'p50'.padStart(8),
    'p99'.padStart(8),
    '  ms through the thread: p50, p99',
  );
  for (const name of Object.keys(jobs)) {
    const { p50Ms, p99Ms } = result.direct[name];
    const far = result.throughThread[name];
    console.log(
      name.padEnd(42),
      String(p50Ms).padStart(8),
      String(p99Ms).padStart(8),
      String(far.p50Ms).padStart(12),
      String(far.p99Ms).padStart(8),
    );
  }
  console.log('RSS in MB', result.rssMb);
}
