/** `McpLogin` in the chart against the code: a field that the schema does not know would be lost without a word. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { toLoginSpec } from '../packages/controller/src/auth/login-spec.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Schema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, { readonly pattern?: string; readonly maxLength?: number }>>;
}

const schema = parse(readFileSync(join(root, 'charts/tachograph/files/mcplogin-spec.yaml'), 'utf8')) as Schema;
const [key, digest] = ['a'.repeat(64), 'b'.repeat(64)] as const;
const least = { kind: 'Client', data: 'sealed', expiresAtMs: Date.parse('2026-11-21T10:00:00Z') };

test('the schema knows every field that the controller writes, and no other', () => {
  const whole = toLoginSpec(key, { ...least, grant: digest, uid: digest, subject: digest });
  expect(Object.keys(schema.properties).toSorted()).toEqual(Object.keys(whole).toSorted());
  expect([...schema.required].toSorted()).toEqual(Object.keys(toLoginSpec(key, least)).toSorted());
});

test('the schema takes what the controller writes', () => {
  for (const name of ['grant', 'uid', 'subject'])
    expect(digest).toMatch(new RegExp(schema.properties[name]?.pattern ?? '^$'));
  // The auth server's bound on what it seals, in base64.
  expect(schema.properties['data']?.maxLength).toBeGreaterThan(2 * 64 * 1024);
});
