/**
 * Scores the masker on synthetic texts with personal data: node --conditions=source test/masking/score-pii.mjs
 *   --half tune|check|all   --misses N   --false N   --point client|record   --data FILE
 * Recall: spans of the structured types of which at least 95 % of the characters are masked. Precision: findings of the
 * personal rules that touch a span of any type; `P all rules` counts the findings of every rule.
 */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createMasker } from '../../packages/masking/src/index.ts';
import { personalRuleIds } from '../../packages/masking/src/personal/index.ts';

const structured = {
  CREDIT_CARD: 'payment-card',
  PHONE_NUMBER: 'phone',
  EMAIL_ADDRESS: 'email',
  IBAN_CODE: 'iban',
  US_SSN: 'us-ssn',
  IP_ADDRESS: 'ip-address',
};
const { values: options } = parseArgs({
  options: {
    half: { type: 'string', default: 'all' },
    misses: { type: 'string', default: '0' },
    false: { type: 'string', default: '0' },
    point: { type: 'string', default: 'client' },
    data: { type: 'string', default: `${process.env.TACHO_DATA ?? '../shared/data'}/pii-dev.json` },
  },
});
if (!existsSync(options.data)) {
  console.log('no pii-dev.json in TACHO_DATA: nothing scored');
  process.exit(0);
}
const masker = createMasker(
  {},
  {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  },
);
const rows = JSON.parse(readFileSync(options.data, 'utf8')).map(({ full_text: text, spans }) => ({
  text,
  half: createHash('sha256').update(text).digest()[0] < 128 ? 'tune' : 'check',
  spans: spans.map(({ entity_type: type, start_position: start, end_position: end }) => ({ type, start, end })),
  findings: masker.findText(text, options.point),
}));

const touches = (a, b) => a.start < b.end && b.start < a.end;
const overlap = (a, b) => Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
const isCovered = (span, findings) =>
  findings.reduce((sum, finding) => sum + overlap(span, finding), 0) >= 0.95 * (span.end - span.start);
const ratio = (part, whole) => (whole === 0 ? '-' : (part / whole).toFixed(3));
const shown = ({ text }, { start, end }) =>
  JSON.stringify(
    `${text.slice(Math.max(0, start - 50), start)}⟦${text.slice(start, end)}⟧${text.slice(end, end + 25)}`,
  );

function score(half) {
  const chosen = rows.filter((row) => half === 'all' || row.half === half);
  const table = {};
  const misses = [];
  for (const [type, rule] of Object.entries(structured)) {
    const spans = chosen.flatMap((row) =>
      row.spans.filter((span) => span.type === type).map((span) => ({ row, span })),
    );
    const missed = spans.filter(({ row, span }) => !isCovered(span, row.findings));
    const own = chosen.flatMap((row) =>
      row.findings.filter((each) => each.rule === rule).map((each) => ({ row, each })),
    );
    const good = own.filter(({ row, each }) => row.spans.some((span) => touches(span, each)));
    misses.push(...missed.map(({ row, span }) => `${type} ${shown(row, span)}`));
    table[type] = {
      spans: spans.length,
      found: spans.length - missed.length,
      R: ratio(spans.length - missed.length, spans.length),
      findings: own.length,
      P: ratio(good.length, own.length),
    };
  }
  const found = chosen.flatMap((row) =>
    row.findings.map((each) => ({ row, each, isGood: row.spans.some((span) => touches(span, each)) })),
  );
  const personal = found.filter(({ each }) => personalRuleIds.has(each.rule));
  const sum = (name) => Object.values(table).reduce((total, line) => total + line[name], 0);
  const [spans, hits] = [sum('spans'), sum('found')];
  table.all = {
    spans,
    found: hits,
    R: ratio(hits, spans),
    findings: personal.length,
    P: ratio(personal.filter(({ isGood }) => isGood).length, personal.length),
  };
  table['all rules'] = { findings: found.length, P: ratio(found.filter(({ isGood }) => isGood).length, found.length) };
  return {
    table,
    misses,
    false: found.filter(({ isGood }) => !isGood).map(({ row, each }) => `${each.rule} ${shown(row, each)}`),
  };
}

for (const half of options.half === 'all' ? ['tune', 'check', 'all'] : [options.half]) {
  const result = score(half);
  console.log(`${half}, at the ${options.point} point`);
  console.table(result.table);
  if (half !== options.half) continue;
  for (const line of result.misses.slice(0, Number(options.misses))) console.log('miss ', line);
  for (const line of result.false.slice(0, Number(options.false))) console.log('false', line);
}
