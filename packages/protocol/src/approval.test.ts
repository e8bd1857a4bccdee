import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { approvalDigest, approvalDigestText, approvalRequest, type BoundCall } from './approval.ts';
import { canonicalJson } from './canonical-json.ts';

describe('canonical JSON', () => {
  test.each([
    ['{"b":1,"a":2}', '{"a":2,"b":1}'],
    [' { "a" : [ 1 , 2 , { } ] } ', '{"a":[1,2,{}]}'],
    [String.raw`{"\u0061":"\u00e9\/"}`, '{"a":"é/"}'],
    [String.raw`["a\\","\\\"b"]`, String.raw`["a\\","\\\"b"]`],
    ['[true,null,-0,1.0,1e2,12345678901234567890]', '[true,null,-0,1.0,1e2,12345678901234567890]'],
    ['"x"', '"x"'],
  ])('of %s', (text, expected) => expect(canonicalJson(text)).toBe(expected));

  test.each(['{"a":1,"a":2}', String.raw`{"a":1,"\u0061":2}`, '{', '', '[1,]', '{"a" 1}', '['.repeat(200)])(
    'refuses %s',
    (text) => expect(canonicalJson(text)).toBeUndefined(),
  );

  test('means what the text means, is its own canonical form, and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const canonical = canonicalJson(JSON.stringify(value, null, 1)) ?? '';
        expect(JSON.parse(canonical)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(canonical)).toBe(canonical);
        expect(canonicalJson(JSON.stringify(reversed(value)))).toBe(canonical);
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  // Defined, not assigned: "__proto__" is a key like any other.
  return Object.fromEntries(entries.map(([key, one]) => [key, reversed(one)]));
}

const bound: BoundCall = {
  workload: 'tachograph://test/demo/store',
  caller: { iss: 'https://issuer', sub: 'alice' },
  method: 'tools/call',
  tool: 'query',
  argumentsText: '{"sql":"delete from t","limit":1}',
  bundle: 'a'.repeat(64),
};

const hmac = (text: string) => createHmac('sha256', 'key').update(text).digest('hex');
const digest = (one: BoundCall) => approvalDigest(one, hmac);

describe('approval digest', () => {
  test('is over canonical JSON, named for its purpose', () => {
    const text = approvalDigestText(bound) ?? '';
    const [head = '', body = ''] = text.split('\n');
    expect(head).toBe('tachograph/approval/v1');
    expect(canonicalJson(body)).toBe(body);
    expect(JSON.parse(body)).toMatchObject({ tool: 'query', arguments: { limit: 1 }, caller: { sub: 'alice' } });
  });

  test('stays for the same call, written differently', () => {
    expect(digest({ ...bound, argumentsText: '{ "limit": 1, "sql": "delete from t" }' })).toBe(digest(bound));
  });

  test('changes with every part of the call', () => {
    const others: readonly BoundCall[] = [
      { ...bound, argumentsText: '{"sql":"delete from u","limit":1}' },
      { ...bound, argumentsText: '{"sql":"delete from t","limit":1.0}' },
      { ...bound, workload: 'tachograph://test/demo/other' },
      { ...bound, caller: { ...bound.caller, sub: 'bob' } },
      { ...bound, caller: { ...bound.caller, iss: 'https://other' } },
      { ...bound, caller: { ...bound.caller, clientId: 'inspector' } },
      { ...bound, method: 'prompts/get' },
      { ...bound, tool: 'query2' },
      { ...bound, bundle: 'b'.repeat(64) },
    ];
    expect(new Set([bound, ...others].map(digest)).size).toBe(others.length + 1);
  });

  test('there is none for arguments with two meanings', () => {
    expect(digest({ ...bound, argumentsText: '{"a":1,"a":2}' })).toBeUndefined();
  });
});

test('a request without a count or with a digest that is none is refused', () => {
  const request = {
    digest: 'd'.repeat(64),
    caller: { iss: 'i', sub: 's', type: 'human' },
    method: 'tools/call',
    tool: 'query',
    arguments: '{}',
    maskedValues: 0,
    judgedMasked: false,
    bundle: 'b'.repeat(64),
    approvers: { subjects: [], groups: ['dba'] },
    count: 1,
    expiresAt: '2026-11-21T10:00:00.000Z',
  };
  expect(approvalRequest.safeParse(request).success).toBe(true);
  for (const change of [{ digest: 'x' }, { count: 0 }, { expiresAt: 'soon' }, { arguments: 'x'.repeat(131_073) }]) {
    expect(approvalRequest.safeParse({ ...request, ...change }).success).toBe(false);
  }
});
