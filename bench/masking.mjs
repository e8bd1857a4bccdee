// MB/s of the masker on clean, dense and hostile messages, and how the time grows with the length.
// node --conditions=source bench/masking.mjs
import { createHmac, hash } from 'node:crypto';
import { createMasker } from '@tachograph/masking';

const masker = createMasker(
  {},
  {
    sha256: (text) => hash('sha256', text),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  },
);
const budgetMs = 400;

const row = (id) => ({
  id,
  login: `user${id}`,
  url: `https://api.example.com/users/${id}`,
  created_at: '2026-01-01T00:00:00Z',
  body: `Some description of item ${id} with words and punctuation, and more.`,
  count: id * 17,
  open: true,
  tags: ['a', 'bb', 'ccc'],
});
const code =
  'export function sum(values) {\n\tlet total = 0;\n\tfor (const value of values) total += value;\n\treturn total; // "sum"\n}\n';
const rows = (count) => Array.from({ length: count }, (_, id) => row(id));
const message = (content) => JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content } });
const text = (value) => message([{ type: 'text', text: value }]);

const corpora = {
  'API rows': (n) => message(rows(n * 10)),
  'API rows in a string': (n) => text(JSON.stringify(rows(n * 10))),
  'source code in a string': (n) => text(code.repeat(n * 20)),
  '1 KB answer': () => text(JSON.stringify(rows(4))),
  'a secret in every line': (n) => text('DB_PASSWORD=hunter2 "token": "abc123"\n'.repeat(n * 40)),
  'hostile: password=': (n) => text('password='.repeat(n * 220)),
  'hostile: pass': (n) => text('pass'.repeat(n * 500)),
  'hostile: token_': (n) => text('token_'.repeat(n * 330)),
  'hostile: glpat-': (n) => text('glpat-'.repeat(n * 330)),
  'hostile: eyJ.': (n) => text('eyJhbGciOi.'.repeat(n * 180)),
  'hostile: curl -u': (n) => text('curl -u '.repeat(n * 250)),
  'hostile: BEGIN PRIVATE KEY': (n) => text('-----BEGIN PRIVATE KEY-----\n'.repeat(n * 70)),
  'hostile: open quotes': (n) => text(`password='a "token=\\"`.repeat(n * 90)),
  'hostile: JSON that ends badly': (n) => text('{"password":'.repeat(n * 160)),
};

/** Microseconds of CPU for one message. */
function costUs(json) {
  const endMs = performance.now() + budgetMs;
  const before = process.cpuUsage();
  let runs = 0;
  while (performance.now() < endMs) {
    if (masker.maskJson(json).kind === 'refused') throw new Error('refused');
    runs += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

console.log('| message | KB | µs | MB/s | time at twice the length |\n| --- | --- | --- | --- | --- |');
for (const [name, build] of Object.entries(corpora)) {
  const [json, twice] = [build(100), build(200)];
  costUs(json);
  const us = costUs(json);
  const growth = twice.length > json.length ? `× ${(costUs(twice) / us).toFixed(2)}` : '';
  console.log(
    `| ${name} | ${(json.length / 1000).toFixed(1)} | ${us.toFixed(1)} | ${(json.length / us).toFixed(0)} | ${growth} |`,
  );
}
