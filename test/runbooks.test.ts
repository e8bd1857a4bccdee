/** Alerts against what is written and what is measured: a section for each, and no metric that nobody exports. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { leafSchema } from '@tachograph/protocol';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const rules = readFileSync(join(root, 'charts/tachograph/templates/prometheus-rules.yaml'), 'utf8');
const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8');
const alerts = [...rules.matchAll(/^- alert: (\w+)$/gm)].map(([, name = '']) => name);
const code = globSync('packages/*/src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

test('every alert has its section, and every section its alert', () => {
  const sections = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name = '']) => name);
  expect(alerts.length).toBeGreaterThan(10);
  expect(sections).toEqual(alerts);
});

test('every alert says how grave it is, for how long, and what happened', () => {
  for (const alert of rules.split(/^- alert: /m).slice(1)) {
    expect(alert).toMatch(/^ {2}for: \d+[mh]$/m);
    expect(alert).toMatch(/^ {2}severity: (critical|warning)$/m);
    expect(alert).toMatch(/^ {2}summary: [A-Z].*\.$/m);
  }
});

test('every metric of an alert is one that the code exports', () => {
  const metrics = [...new Set([...rules.matchAll(/\btachograph_(\w+)/g)].map(([, name = '']) => name))];
  expect(metrics.length).toBeGreaterThan(5);
  expect(metrics.filter((name) => !new RegExp(`(counter|gauge|histogram)\\(\\s*'${name}'`).test(code))).toEqual([]);
});

test('every type of leaf of an alert is one that the log knows', () => {
  const asked = [...rules.matchAll(/"tachograph\.newLeaves" "([a-z.]+)"|log_leaves\{type="([a-z.]+)"/g)].map(
    ([, one, other]) => one ?? other ?? '',
  );
  const types = leafSchema.def.options.flatMap((option) => {
    const { type } = option.shape;
    return 'values' in type.def ? type.def.values : Object.values(type.def.entries);
  });
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter((type) => !types.some((known) => known === type))).toEqual([]);
});
