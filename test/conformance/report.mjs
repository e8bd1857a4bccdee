// What a person reads, or with `--json` a program.
import { styleText } from 'node:util';

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
/** `passed/failed/warned`; a dash where there is only one way. */
const shown = (counts) =>
  counts === undefined ? '–' : `${counts.passed}/${counts.failed}${counts.warned === 0 ? '' : `/${counts.warned}`}`;

const shortened = (check) => (check.length > 400 ? `${check.slice(0, 400)}…` : check);

/** Exit codes tell whether the suite was content: they must be the same too. */
function judge(result) {
  const unequal = result.rows.filter(({ equal }) => !equal).length;
  const isSameExit = result.exit?.direct === result.exit?.through;
  const differences = result.counts?.differences.length ?? 0;
  return { ...result, unequal, isEqual: unequal === 0 && isSameExit && differences === 0 };
}

function printRow({ scenario, direct, through, equal, onlyDirect, onlyThrough, errors }) {
  const mark = equal ? styleText('green', '=') : styleText('red', '≠');
  console.log(`  ${mark} ${scenario.padEnd(48)} ${shown(direct).padStart(8)} ${shown(through).padStart(8)}`);
  if (equal) return;
  for (const check of onlyDirect) console.log(`      direct only   ${shortened(check)}`);
  for (const check of onlyThrough) console.log(`      through only  ${shortened(check)}`);
  for (const error of errors) console.log(`      ${error}`);
}

function printTotals({ rows, exit, counts }) {
  const total = (way) =>
    `${sum(rows.map((row) => row[way]?.passed ?? 0))}/${sum(rows.map((row) => row[way]?.failed ?? 0))}`;
  console.log(`  ${'passed/failed'.padEnd(50)} ${total('direct').padStart(8)} ${total('through').padStart(8)}`);
  if (exit !== undefined)
    console.log(
      `  ${'the suite’s exit code'.padEnd(50)} ${String(exit.direct).padStart(8)} ${String(exit.through).padStart(8)}`,
    );
  if (counts === undefined) return;
  const { exchanges, refused, denied, client, server, recorded, differences } = counts;
  console.log(`  exchanges ${exchanges}, refused by the sidecar ${refused}`);
  const rest = denied === 0 ? '' : ` (${denied} of them denied or its answers)`;
  console.log(`  messages and events: client’s wire ${client}, server’s wire ${server}, recorded ${recorded}${rest}`);
  for (const difference of differences.slice(0, 20)) console.log(`      ${styleText('red', difference)}`);
  if (differences.length > 20) console.log(`      and ${differences.length - 20} more`);
}

/** Prints all; true when nothing differs. Ends with the line that `.ci/run` counts. */
export function printReport(results, { json }) {
  const judged = results.map(judge);
  if (json) console.log(JSON.stringify(judged, null, 1));
  const scenarios = judged.flatMap(({ rows }) => rows);
  for (const result of json ? [] : judged) {
    console.log(
      `\n${styleText('bold', result.name)}${' '.repeat(Math.max(1, 52 - result.name.length))} direct  through`,
    );
    for (const row of result.rows) printRow(row);
    printTotals(result);
  }
  const counted = judged.filter(({ counts }) => counts !== undefined);
  const miscounted = counted.filter(({ counts }) => counts.differences.length > 0).length;
  const unequal = scenarios.filter(({ equal }) => !equal).length;
  const passed = scenarios.length - unequal + counted.length - miscounted;
  if (!json) console.log(`\n${passed} passed, ${unequal + miscounted} failed, 0 skipped`);
  return scenarios.length > 0 && judged.every(({ isEqual }) => isEqual);
}
