/**
 * Converts rule files to packages/masking/src/rules/token-rules.ts:
 *   node --conditions=source scripts/build-token-rules.mjs --gitleaks gitleaks.toml --betterleaks betterleaks.toml [--check]
 * The same files give the same bytes. `--check` compares and writes nothing; without files it says so and does nothing.
 * Which commits the data was made from stands in packages/masking/src/rules/NOTICE.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parsePattern } from '../packages/masking/src/rules/token-pattern.ts';
import { anchorOf } from './token-rules/anchor.mjs';
import { anchors, familyOf, handled, identifiers, rewritten } from './token-rules/choices.mjs';
import { filtersOf } from './token-rules/filters.mjs';
import { distribute, shorten, withBorders, withOneSecret } from './token-rules/normalise.mjs';
import { ownRules } from './token-rules/own-rules.mjs';
import { toPatternText } from './token-rules/pattern-text.mjs';
import { readToml } from './token-rules/read-toml.mjs';

const { values: options } = parseArgs({
  options: {
    gitleaks: { type: 'string' },
    betterleaks: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
if (options.gitleaks === undefined || options.betterleaks === undefined) {
  console.log('no rule files given (--gitleaks, --betterleaks): nothing converted');
  process.exit(0);
}
const target = new URL('../packages/masking/src/rules/token-rules.ts', import.meta.url);
const operator = { kind: 'operator' };
const published = [options.betterleaks, options.gitleaks].flatMap((file) => readToml(readFileSync(file, 'utf8')).rules);
const rules = published.filter(({ id, regex }) => regex !== undefined && handled[id] === undefined).flatMap(toPatterns);
const lines = [...new Set([...rules, ...ownRules].flatMap(toLines))].toSorted((a, b) => (a < b ? -1 : Number(a > b)));
const content = toFile(lines.join('\n'));

if (!options.check) writeFileSync(target, content);
else if (readFileSync(target, 'utf8') !== content) {
  console.error('token-rules.ts differs from what the rule files give');
  process.exit(1);
}
const names = new Set(lines.map((line) => line.slice(0, line.indexOf('\t'))));
console.log(
  `${lines.length} patterns of ${names.size} rules, ${content.length} bytes${options.check ? ', unchanged' : ''}`,
);

function toPatterns(rule) {
  const patterns = rewritten[rule.id]?.map((pattern) => (typeof pattern === 'string' ? { regex: pattern } : pattern));
  return patterns?.map((pattern) => ({ ...rule, secretGroup: undefined, ...pattern })) ?? [rule];
}

function toLines(rule) {
  const tree = withBorders(
    withOneSecret(parsePattern(shorten(rule.regex), operator), rule.secretGroup, isRepeating(rule)),
  );
  if (isFound(tree, rule)) return [toLine(rule, tree)];
  return distribute(tree).map((part) => toLine(rule, part));
}

/** True where one marked keyword or the run of characters finds the pattern as a whole. */
function isFound(tree, rule) {
  if (chosenAnchor(rule) !== undefined) return true;
  const anchor = anchorOf(tree, rule.keywords);
  return (
    anchor !== undefined &&
    !anchor.keywords[0].startsWith('@') &&
    tree.kind !== 'choice' &&
    anchor.max - anchor.min < 40
  );
}

function chosenAnchor(rule) {
  return rule.anchor ?? anchors[rule.id];
}

/** Groups that only repeat, which the sources never meant as the secret. */
function isRepeating({ regex }) {
  return /\)\{3\}/.test(regex) && !/^\(|\\b\(|\\=\(|,\)\[/.test(regex);
}

function toLine(rule, node) {
  const pattern = toPatternText(node);
  const anchor = chosenAnchor(rule) ?? anchorOf(node, rule.keywords);
  if (anchor === undefined) throw new Error(`${rule.id}: no keyword can find ${pattern}`);
  const { minEntropy, isExclusive, needs, rejects } = filtersOf(rule);
  const near = anchor.near ?? nearOf(rule, anchor.keywords);
  const extra = [...needs.map((text) => `+${normal(text)}`), ...rejects.map((text) => `-${normal(text)}`)];
  return [
    familyOf(rule.id),
    identifiers.has(rule.id) ? 'weak' : (rule.mark ?? ''),
    minEntropy === 0 ? '' : `${isExclusive ? '>' : '>='}${minEntropy}`,
    anchor.keywords.join(','),
    anchor.max === 0 ? '' : `${anchor.min}-${anchor.max}`,
    near.join(','),
    pattern,
    ...extra,
  ].join('\t');
}

/** Keywords that a text must hold near the secret, where those that find it are not the rule's own. */
function nearOf(rule, keywords) {
  if (chosenAnchor(rule) !== undefined) return [];
  const isNamed = keywords.every((text) =>
    rule.keywords.some((keyword) => text.includes(keyword) || keyword.startsWith(text)),
  );
  return isNamed ? [] : rule.keywords;
}

function normal(pattern) {
  return toPatternText(withOneSecret(parsePattern(pattern), undefined, true));
}

function toFile(data) {
  const digest = createHash('sha256').update(data).digest('hex');
  return `// Made by scripts/build-token-rules.mjs; see NOTICE. Not to be edited by hand.
/* eslint-disable max-lines -- one line for each pattern */

/** SHA-256 of \`tokenRuleLines\`. */
export const tokenRuleDigest = '${digest}';

/** Rules as \`parseTokenRules\` reads them. */
export const tokenRuleLines = String.raw\`${data}\`;
`;
}
