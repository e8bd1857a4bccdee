// Judges texts by a bundled guards' thread, as the sidecar does, in a process of its own:
//   node --conditions=source test/bundle/judge-texts.mjs PROGRAM < jobs.json > {"answers": [verdict…], "grownMb": n}
// `jobs.json`: [{kind, text, dialect?, times?}]; a job of several times has another number in each text.
import { readFileSync } from 'node:fs';
import { text as readText } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { silentLogger } from '@tachograph/service';
import { createGuardThread } from '../../packages/sidecar/src/guards/guard-thread.ts';

const jobs = JSON.parse(await readText(process.stdin));
const program = pathToFileURL(process.argv[2]);
// What is slow on a busy machine is no fault of the bundle.
const thread = createGuardThread({ log: silentLogger, program, loadMs: 60_000, deadlineMs: 20_000 });
const idleMb = process.memoryUsage.rss() / 1e6;
const answers = [];
for (const { times = 1, text, ...job } of jobs) {
  const verdicts = new Set();
  for (let at = 0; at < times; at += 1) {
    const { verdict, reasons } = await thread.judge({ ...job, text: text.replaceAll('%', at) });
    verdicts.add(verdict === 'opaque' ? `opaque: ${reasons[0]}` : verdict);
  }
  answers.push([...verdicts].join(', '));
}
await thread.close();
// The peak, since that is what ends a pod. Not `ru_maxrss`: it also counts what the parent held before this program began.
const [, peakKb] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
const peakMb = (Number(peakKb) * 1024) / 1e6;
process.stdout.write(JSON.stringify({ answers, grownMb: Math.round(peakMb - idleMb) }));
