// The acceptance tests of the archive, with real processes:   node test/drills/run.mjs [--only 5,6] [--json]
//
// Every drill ends in a pull and an offline verification, with sent = archived + explicitly reported.
import { parseArgs } from 'node:util';
import { closeOpenRigs as interrupt } from './rig.mjs';

const files = {
  1: './drill-01-sidecar-kills.mjs',
  2: './drill-02-controller-kills.mjs',
  3: './drill-03-two-leaders.mjs',
  4: './drill-04-storage-outage.mjs',
  5: './drill-05-dropped-answers.mjs',
  6: './drill-06-corruption.mjs',
  7: './drill-07-pod-deleted.mjs',
  8: './drill-08-node-lost.mjs',
  9: './drill-09-failing-disk.mjs',
  10: './drill-10-malicious-admin.mjs',
  11: './drill-11-malicious-operator.mjs',
  12: './drill-12-restore.mjs',
  13: './drill-13-erasure.mjs',
};

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } });
const wanted = values.only === undefined ? Object.keys(files) : values.only.split(',');
const unknown = wanted.filter((number) => files[number] === undefined);
if (unknown.length > 0) {
  console.error(`no drill ${unknown.join(', ')}; there are ${Object.keys(files).join(', ')}`);
  process.exit(64);
}

async function runOne(number) {
  const { drill } = await import(files[number]);
  const started = performance.now();
  console.error(`drill ${number}: ${drill.title} …`);
  const { number: _number, run, ...facts } = drill;
  try {
    const result = await run();
    for (const line of result.wrong) console.error(`drill ${number}: WRONG: ${line}`);
    return { number: Number(number), ...facts, ...result, seconds: secondsSince(started) };
  } catch (error) {
    console.error(`drill ${number}: WRONG: ${error.message}`);
    return { number: Number(number), ...facts, figures: {}, wrong: [error.message], seconds: secondsSince(started) };
  }
}

const secondsSince = (started) => Math.round((performance.now() - started) / 1000);

const columns = ['sent', 'acknowledged', 'archived', 'refused', 'lost', 'cut', 'findings', 'exit'];

function printTable(results) {
  const rows = [['drill', ...columns, 's', ''], ...results.map(rowOf)];
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => String(row[at]).length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, at) => String(cell).padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    );
  for (const { number, note, scaled, wrong, skipped } of results) {
    if (skipped !== undefined) console.log(`${number}: SKIPPED: ${skipped}`);
    if (scaled !== 'none') console.log(`${number}: scaled: ${scaled}`);
    for (const line of [note ?? []].flat()) console.log(`${number}: ${line}`);
    for (const line of wrong) console.log(`${number}: WRONG: ${line}`);
  }
}

const outcomeOf = ({ wrong, skipped }) => (skipped === undefined ? (wrong.length === 0 ? 'ok' : 'WRONG') : 'SKIPPED');

function rowOf({ number, title, figures, wrong, seconds, skipped }) {
  const cells = columns.map((name) => figures[name] ?? '–');
  return [`${number} ${title}`, ...cells, seconds, outcomeOf({ wrong, skipped })];
}

// Rigs end what they started; a signal to this process must reach them.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void interrupt().finally(() => process.exit(130)));

const results = [];
for (const number of wanted) results.push(await runOne(number));
if (values.json) console.log(JSON.stringify(results, null, 2));
else printTable(results);
const failed = results.filter(({ wrong }) => wrong.length > 0).length;
const skipped = results.filter((one) => one.skipped !== undefined).length;
console.error(`${results.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
