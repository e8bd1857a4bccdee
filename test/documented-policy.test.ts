/** The policies that the documentation shows are ones that admission takes; it names every field and every limit. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { checkPolicy, loadConditions, type PolicyObject } from '@tachograph/policy';
import { clusterPolicySpec, guardSpec, guardVerdictName, policyRule } from '@tachograph/protocol';
import { parseAllDocuments } from 'yaml';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const text = readFileSync(join(root, 'docs/policy.md'), 'utf8');
const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(text) ?? [];

interface Documented extends Pick<Required<PolicyObject>, 'kind' | 'spec'> {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const objects = parseAllDocuments(yaml).map((document) => {
  const { kind, metadata, spec } = document.toJS() as Documented;
  return { kind: kind ?? 'McpPolicy', name: metadata.name, namespace: metadata.namespace ?? '', spec };
});

const isNamed = (field: string): boolean => new RegExp(`\\n\\| [^|]*\`${field}\`[^|]*\\|`).test(text);

test('the documented policies are admitted', async () => {
  const conditions = await loadConditions();
  expect(objects.map(({ kind }) => kind)).toEqual(['McpPolicy', 'ClusterMcpPolicy', 'ClusterMcpPolicy']);
  expect(objects.map((object) => checkPolicy(object, conditions))).toMatchObject([
    { kind: 'checked' },
    { kind: 'checked' },
    { kind: 'checked' },
  ]);
});

test('the documented conditions compile', async () => {
  const conditions = await loadConditions();
  const [, cel = ''] = /```cel\n([^]*?)```/.exec(text) ?? [];
  const sources = cel.trim().split('\n');
  expect(sources.length).toBe(4);
  expect(sources.filter((source) => conditions.compile(source).kind === 'refused')).toEqual([]);
});

test('every field is explained, and those of policies are shown', () => {
  const fields = Object.keys(clusterPolicySpec.shape);
  const rules = Object.keys(policyRule.shape);
  const guards = Object.keys(guardSpec.shape);
  expect([...fields, ...rules, ...guards].filter((field) => !isNamed(field))).toEqual([]);
  const shown = new Set(objects.flatMap(({ spec }) => Object.keys(spec as object)));
  expect(fields.filter((field) => !shown.has(field))).toEqual([]);
  expect(guardVerdictName.options.filter((verdict) => !text.includes(`\`${verdict}\``))).toEqual([]);
});
