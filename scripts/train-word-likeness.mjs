/**
 * Writes packages/masking/src/detectors/word-likeness-table.ts: how likely each letter follows the two before it in words
 * of English, of programs and of translated messages, against letters drawn at random. Learnt from the words of the
 * installed packages' documentation, declarations and message files; a word counts where several files have it.
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';

const target = 'packages/masking/src/detectors/word-likeness-table.ts';
const maxFileBytes = 400_000;
const minFiles = 4;
const letters = 27;
const step = 0.2;
const lowest = -6.4;
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const files = globSync([
  'node_modules/**/*.md',
  'node_modules/**/*.d.ts',
  'node_modules/**/locales/*.json',
  'node_modules/**/diagnosticMessages.generated.json',
  'node_modules/**/locale*/**/*.js',
]).toSorted();

const seenIn = new Map();
for (const file of files) {
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size === 0 || size > maxFileBytes) continue;
  for (const word of wordsOf(readFileSync(file, 'utf8'))) seenIn.set(word, (seenIn.get(word) ?? 0) + 1);
}

function wordsOf(text) {
  const parts = text
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .matchAll(/(?<![a-z0-9])[a-z]{2,18}(?![a-z0-9])/g);
  return new Set([...parts].map(([word]) => word));
}

const trigrams = new Float64Array(letters ** 3);
const bigrams = new Float64Array(letters ** 2);
const unigrams = new Float64Array(letters);
let words = 0;
for (const [word, count] of seenIn) {
  if (count < minFiles || /(.)\1\1/.test(word) || !/[aeiouy]/.test(word)) continue;
  words += 1;
  const weight = Math.log2(count);
  const codes = [0, 0, ...[...word].map((letter) => letter.charCodeAt(0) - 96), 0];
  for (let i = 2; i < codes.length; i += 1) {
    const [a, b, c] = [codes[i - 2], codes[i - 1], codes[i]];
    trigrams[(a * letters + b) * letters + c] += weight;
    bigrams[b * letters + c] += weight;
    unigrams[c] += weight;
  }
}

const total = unigrams.reduce((sum, value) => sum + value, 0);
let table = '';
for (let a = 0; a < letters; a += 1) {
  for (let b = 0; b < letters; b += 1) {
    const row = (a * letters + b) * letters;
    const seen = trigrams.subarray(row, row + letters).reduce((sum, value) => sum + value, 0);
    const pair = bigrams.subarray(b * letters, (b + 1) * letters).reduce((sum, value) => sum + value, 0);
    for (let c = 0; c < letters; c += 1) {
      const one = unigrams[c] / total;
      const two = (bigrams[b * letters + c] + 20 * one) / (pair + 20);
      const three = (trigrams[row + c] + 20 * two) / (seen + 20);
      const bits = Math.log2(three * (c === 0 ? 9 : 26));
      table += digits[Math.max(0, Math.min(63, Math.round((bits - lowest) / step)))];
    }
  }
}

const lines = table.match(/.{1,108}/g).map((line) => `  '${line}',`);
const hash = createHash('sha256').update(table).digest('hex').slice(0, 16);
writeFileSync(
  target,
  `// Written by scripts/train-word-likeness.mjs from ${words} words (${hash}). Do not edit.

/** One base64 digit for each three letters (\`^\` and a to z): \`lowest\` bits plus \`step\` times the digit. */
export const wordLikenessTable: string = [
${lines.join('\n')}
].join('');
`,
);
console.log(`${words} words of ${files.length} files, ${table.length} entries`);
