import { describe, expect, test } from '@jest/globals';
import { parseJsonRpcMessage, type Principal } from '@tachograph/protocol';
import { bindCall, type Bound } from './bind-call.ts';

const alice: Principal = { iss: 'i', sub: 'alice', type: 'human', client_id: 'c' };

interface Change {
  readonly principal?: Principal;
  readonly bundle?: string;
  readonly workload?: string;
  readonly key?: Uint8Array;
}

function bind(
  text: string,
  { principal = alice, bundle = 'b', workload = 'w', key = new Uint8Array(32) }: Change = {},
): Bound {
  const request = parseJsonRpcMessage(JSON.parse(text));
  if (typeof request === 'string' || request.kind !== 'request') throw new Error('no request');
  const call = { request, text, maskedText: text, mask: { rules: 'r', hits: 0 }, principal };
  return bindCall(call, { workload, bundle, key, judged: new Set() });
}

function digestOf(text: string, change?: Change): string {
  const bound = bind(text, change);
  if (bound.kind === 'unbound') throw new Error(bound.reason);
  return bound.digest;
}

const call = (params: string, method = 'tools/call', id = '1'): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
const plain = call('{"name":"t","arguments":{"a":1,"b":[2]}}');

describe('the digest of a call', () => {
  test.each([
    ['another id', call('{"name":"t","arguments":{"a":1,"b":[2]}}', 'tools/call', '"x"')],
    ['other order and white space', call(' { "arguments" : {"b":[ 2 ],"a":1}, "name":"t" } ')],
    ['other _meta', call('{"name":"t","arguments":{"a":1,"b":[2]},"_meta":{"progressToken":1}}')],
    ['an escaped name', call('{"n\\u0061me":"t","arguments":{"a":1,"b":[2]}}')],
  ])('is the same with %s', (_, text) => {
    expect(digestOf(text)).toBe(digestOf(plain));
  });

  test.each([
    ['another number', call('{"name":"t","arguments":{"a":1.0,"b":[2]}}')],
    ['another tool', call('{"name":"u","arguments":{"a":1,"b":[2]}}')],
    ['another method', call('{"name":"t","arguments":{"a":1,"b":[2]}}', 'prompts/get')],
    ['a parameter more', call('{"name":"t","arguments":{"a":1,"b":[2]},"task":{}}')],
    ['the arguments one level up', call('{"name":"t","a":1,"b":[2]}')],
    ['the arguments one level down', call('{"name":"t","arguments":{"arguments":{"a":1,"b":[2]}}}')],
    ['none', call('{"name":"t"}')],
  ])('is another with %s', (_, text) => {
    expect(digestOf(text)).not.toBe(digestOf(plain));
  });

  test.each<[string, Change]>([
    ['caller', { principal: { ...alice, sub: 'bob' } }],
    ['issuer', { principal: { ...alice, iss: 'j' } }],
    ['client', { principal: { ...alice, client_id: 'd' } }],
    ['bundle', { bundle: 'c' }],
    ['workload', { workload: 'x' }],
    ['key', { key: new Uint8Array(32).fill(1) }],
  ])('is another for another %s', (_, change) => {
    expect(digestOf(plain, change)).not.toBe(digestOf(plain));
  });
});

describe('what approvers see', () => {
  test.each([
    [plain, 't', '{"a":1,"b":[2]}'],
    [call('{"name":"t"}'), 't', '{}'],
    [call('{"name":"t","arguments":{},"task":{"ttl":1}}'), 't', '{"arguments":{},"task":{"ttl":1}}'],
    [call('{"uri":"file:///a","_meta":{}}', 'resources/read'), 'file:///a', '{}'],
    [call('{"taskId":"x"}', 'tasks/cancel'), 'tasks/cancel', '{"taskId":"x"}'],
    [
      call('{"ref":{"type":"ref/prompt","name":"p"}}', 'completion/complete'),
      'completion/complete',
      '{"ref":{"type":"ref/prompt","name":"p"}}',
    ],
  ])('of %s', (text, target, shown) => {
    expect(bind(text)).toMatchObject({ target, shown });
  });

  test('is never more than fits', () => {
    expect(bind(call(`{"name":"t","arguments":{"a":"${'x'.repeat(200_000)}"}}`))).toMatchObject({ kind: 'unbound' });
  });
});
