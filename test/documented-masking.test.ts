/** The policy that the documentation shows is one that admission takes, and that masks. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { maskLimits, ruleIds } from '@tachograph/masking';
import { checkMaskingSpec } from '@tachograph/masking/check';
import { checkPolicy } from '@tachograph/policy';
import { maskingSpec } from '@tachograph/protocol';
import { parse } from 'yaml';
import { knownTokenIds } from '../packages/masking/src/detectors/known-token.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const text = readFileSync(join(root, 'docs/masking.md'), 'utf8');
const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(text) ?? [];
const { spec } = parse(yaml) as { spec: { masking: Record<string, unknown> } };

test('the documented policy is admitted', () => {
  expect(checkPolicy({ name: 'payments', namespace: 'finance', spec })).toMatchObject({ kind: 'checked' });
  expect(checkMaskingSpec(maskingSpec.parse(spec.masking))).toEqual([]);
});

test('it shows every field, and the text explains each', () => {
  const fields = Object.keys(maskingSpec.shape);
  expect(Object.keys(spec.masking).toSorted()).toEqual(fields.toSorted());
  expect(fields.filter((field) => !text.includes(`\n| \`${field}\` |`))).toEqual([]);
});

test('limits are those of the code', () => {
  expect(text).toContain(`longer than ${maskLimits.maxLength / 1024 / 1024} MiB, deeper than ${maskLimits.maxDepth}`);
  expect(text).toContain(`more than ${maskLimits.maxKeys.toLocaleString('en')} members`);
});

test('every rule is named, but for the formats of tokens', () => {
  const formats = new Set(knownTokenIds);
  expect([...ruleIds].filter((id) => !formats.has(id) && !text.includes(`\`${id}\``))).toEqual([]);
});
