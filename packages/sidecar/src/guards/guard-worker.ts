/** The guards' thread: parsers load here, on the first text that needs them, and hostile texts hang here and nowhere else. */
import { setFlagsFromString } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import { createGuards, type GuardJob } from '@tachograph/policy';
import type { FromGuardWorker, ToGuardWorker } from './guard-messages.ts';

// Optimising the grammar's WebAssembly takes 580 MB for a second, more than a pod has, and makes no text faster.
setFlagsFromString('--no-wasm-tier-up');
setFlagsFromString('--no-wasm-dynamic-tiering');

const guards = createGuards();
/** What was judged once runs faster: the first text of a caller is not the one that pays. */
const warmedUp = new Set<string>();

function say(message: FromGuardWorker): void {
  parentPort?.postMessage(message, []);
}

async function answer({ id, job }: ToGuardWorker): Promise<void> {
  try {
    await guards.prepare(job);
    warmUp(job);
    say({ kind: 'started', id });
    say({ kind: 'done', id, judgement: guards.judge(job) });
  } catch {
    say({ kind: 'failed', id });
  }
}

const warmUpTexts = {
  sql: "WITH a AS (SELECT count(*) FROM t WHERE b = 'c' AND d IN (1, 2)) SELECT a.x, lower(y) FROM a JOIN e ON a.f = e.f WHERE g > 3 ORDER BY 1 LIMIT 5; UPDATE t SET a = 1 WHERE id = 5 OR b IS NULL",
  shell:
    'for f in *.txt; do grep -n "$f" /var/log/x | sort | uniq -c > out.txt; done && git status; find . -name "*.ts" -exec wc -l {} \\;',
};

function warmUp({ kind, dialect }: GuardJob): void {
  const key = `${kind} ${dialect ?? ''}`;
  if (warmedUp.size > 32 || warmedUp.has(key)) return;
  warmedUp.add(key);
  for (let times = 0; times < 20; times += 1) guards.judge({ kind, dialect, text: warmUpTexts[kind] });
}

let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (message: ToGuardWorker) => {
  last = last.then(async () => answer(message));
});
