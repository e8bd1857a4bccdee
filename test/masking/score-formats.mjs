/**
 * Scores the masker on strings that known-token rules must and must not find:
 * node --conditions=source test/masking/score-formats.mjs   --misses N   --hits N   --point client|record
 * A true positive is found where a finding touches its value; a false positive is hit where there is any finding, except
 * those that the data marks as belonging to another rule. Many of them stand under the name of a key (`API_KEY=short`),
 * where the rules for names mask on purpose: hits by the formats' own rules are counted apart. Classes that are not supported are printed with their reason.
 */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { knownTokenIds } from '../../packages/masking/src/detectors/known-token.ts';
import { createMasker } from '../../packages/masking/src/index.ts';
import { unsupportedClasses } from './unsupported-formats.mjs';

const { values: options } = parseArgs({
  options: {
    misses: { type: 'string', default: '0' },
    hits: { type: 'string', default: '0' },
    point: { type: 'string', default: 'client' },
  },
});
const file = `${process.env.TACHO_DATA ?? '../shared/data'}/formats-dev.jsonl`;
if (!existsSync(file)) {
  console.log('no formats-dev.jsonl in TACHO_DATA: nothing scored');
  process.exit(0);
}
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line))
  .map((row) => ({ ...row, text: Buffer.from(row.text_b64, 'base64').toString('utf8') }));
const masker = createMasker(
  {},
  {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  },
);

const find = (text) => masker.findText(text, options.point);
const fits = (known, { rule, kind, case: name = '', start }) =>
  known.rule === rule &&
  (known.kind ?? 'tp') === kind &&
  (known.case ?? name) === name &&
  (known.point ?? options.point) === options.point &&
  (known.withoutSpan !== true || start === undefined);
const isSupported = (row) => !unsupportedClasses.some((known) => fits(known, row));
const touches = (row, { start, end }) => row.start === undefined || (start < row.end && end > row.start);
const covers = (row, findings) => {
  const masked = findings.map(({ start, end }) => Math.min(end, row.end) - Math.max(start, row.start));
  return masked.filter((length) => length > 0).reduce((sum, length) => sum + length, 0) >= 0.95 * (row.end - row.start);
};
const judged = rows.map((row) => ({ row, findings: find(row.text) }));
const positives = judged.filter(({ row }) => row.kind === 'tp');
const found = positives.filter(({ row, findings }) => findings.some((finding) => touches(row, finding)));
const supported = positives.filter(({ row }) => isSupported(row));
const missed = supported.filter((entry) => !found.includes(entry));
const negatives = judged.filter(({ row }) => row.kind === 'fp' && !row.maybe);
const hit = negatives.filter(({ findings }) => findings.length > 0);
const supportedNegatives = negatives.filter(({ row }) => isSupported(row));
const supportedHits = hit.filter(({ row }) => isSupported(row));
const ofFormats = new Set(knownTokenIds);
const byFormat = supportedHits.filter(({ findings }) => findings.some(({ rule }) => ofFormats.has(rule)));
const maybe = judged.filter(({ row }) => row.kind === 'fp' && row.maybe);

const isOfPoint = ({ point = options.point }) => point === options.point;
const share = (part, whole) => `${part}/${whole} (${((100 * part) / whole).toFixed(1)} %)`;
console.log(`point: ${options.point}`);
console.log(`true positives found, supported classes: ${share(supported.length - missed.length, supported.length)}`);
console.log(`true positives found, all classes:       ${share(found.length, positives.length)}`);
console.log(
  `  of which wholly masked (95 %):         ${share(found.filter(({ row, findings }) => row.start !== undefined && covers(row, findings)).length, found.length)}`,
);
console.log(`false positives hit, supported classes:  ${share(supportedHits.length, supportedNegatives.length)}`);
console.log(`  of which hit by a format's rule:       ${share(byFormat.length, supportedNegatives.length)}`);
console.log(`false positives hit, all classes:        ${share(hit.length, negatives.length)}`);
console.log(
  `  further ones that another rule takes:  ${share(maybe.filter(({ findings }) => findings.length > 0).length, maybe.length)}`,
);
console.log('\nunsupported classes:');
for (const { rule, kind = 'tp', case: name = '', reason } of unsupportedClasses.filter(isOfPoint))
  console.log(`  ${rule}${name === '' ? '' : ` (${name})`} ${kind}: ${reason}`);

const show = (text) => (text.length > 300 ? `${text.slice(0, 300)}…` : text).replaceAll('\n', '\\n');
for (const { row } of missed.slice(0, Number(options.misses))) console.log(`\nmiss ${row.rule}: ${show(row.text)}`);
for (const { row, findings } of supportedHits.slice(0, Number(options.hits))) {
  const what = findings.map(({ rule, start, end }) => `${rule} ${show(row.text.slice(start, end))}`).join(' | ');
  console.log(`\nhit ${row.rule} [${what}]: ${show(row.text)}`);
}
