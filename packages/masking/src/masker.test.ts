import { describe, expect, test } from '@jest/globals';
import { createMasker, maskLimits, type MaskResult } from './index.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';

const masker = createMasker({}, nodeCrypto);

function maskedText(message: string): string {
  const result = masker.maskJson(message);
  if (result.kind !== 'masked') throw new Error(`expected masked, got ${result.kind}`);
  return result.record.text;
}

function pathsOf(result: MaskResult): readonly string[] {
  return result.kind === 'masked' ? result.record.spans.map(({ rule, path }) => `${rule} ${path}`) : [];
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const keys = (count: number): string => `{${'"k":1,'.repeat(count - 1)}"k":1}`;

describe('key context', () => {
  test.each([
    'password',
    'dbPassword',
    'DB_PASSWORD',
    'client-secret',
    'refresh_token',
    'apiKey2',
    'Set-Cookie',
    'jwt',
  ])('masks the string under %s whatever its shape', (key) => {
    expect(maskedText(JSON.stringify({ a: { [key]: 'plain' } }))).not.toContain('plain');
  });

  test.each(['next_page_token', 'tokenizer', 'compass', 'passport', 'secretary', 'max_tokens', 'passwordResetUrl'])(
    'leaves the value of %s',
    (key) => {
      expect(masker.maskJson(JSON.stringify({ [key]: 'plain', and: 4096 }))).toEqual({ kind: 'clean' });
    },
  );

  test('keeps the type: a number becomes zero, booleans, null and counts stay', () => {
    expect(
      maskedText('{"pin":1, "password":1234, "secret":true, "token":null, "max_tokens":4096, "passwords":3}'),
    ).toBe('{"pin":1, "password":0, "secret":true, "token":null, "max_tokens":4096, "passwords":3}');
  });

  test('reaches the scalars of an array and no object', () => {
    expect(maskedText('{"set-cookie":["a=b","c=d"],"password":{"type":"string"}}')).toBe(
      '{"set-cookie":["[REDACTED:cookie]","[REDACTED:cookie]"],"password":{"type":"string"}}',
    );
  });

  test('leaves the schemas of tools/list alone', () => {
    const schema = { type: 'object', properties: { password: { type: 'string' }, api_key: { type: 'string' } } };
    const tools = [{ name: 'login', inputSchema: { ...schema, required: ['password', 'api_key'] } }];
    expect(masker.maskJson(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools } }))).toEqual({ kind: 'clean' });
  });

  test.each([
    '{"name":"DB_PASSWORD","value":"hunter2"}',
    '{"value":"hunter2","note":"x","name":"DB_PASSWORD"}',
    '["--password","hunter2"]',
    '{"Key":"DB_PASSWORD","Value":"hunter2"}',
    '{"ParameterKey":"DbPassword","ParameterValue":"hunter2"}',
    '{"label":"Password","value":"hunter2"}',
    '["Authorization","hunter2"]',
    '{"headers":[["accept","x/y"],["x-api-key" , "hunter2"]]}',
    '{"rawHeaders":["Host","x.y","Cookie","hunter2","Accept","x/y"]}',
  ])('flows between siblings: %s', (message) => {
    const masked = maskedText(message);
    expect(masked).not.toContain('hunter2');
    expect(Object.keys(JSON.parse(masked))).toEqual(Object.keys(JSON.parse(message)));
  });

  test.each([
    '{"required":["password","email"],"enum":["token","secret"]}',
    '{"allowHeaders":["Authorization","Content-Type","X-Api-Key"]}',
    '["authorization"]',
    '["Authorization",{"a":"hunter2"}]',
  ])('does not flow in a list of names: %s', (message) => {
    expect(masker.maskJson(message)).toEqual({ kind: 'clean' });
  });

  test('flows to a number that stands before its name', () => {
    expect(maskedText('{"value":123456,"name":"otp_token"}')).toBe('{"value":0,"name":"otp_token"}');
  });

  test('masks every occurrence of a duplicate key', () => {
    expect(maskedText('{"password":"one","password":"two"}')).toBe(
      '{"password":"[REDACTED:password]","password":"[REDACTED:password]"}',
    );
  });

  test('knows a key written with escapes', () => {
    expect(maskedText(String.raw`{"p\u0061ssword":"hunter2"}`)).toBe(
      String.raw`{"p\u0061ssword":"[REDACTED:password]"}`,
    );
  });
});

describe('protocol fields', () => {
  test('never touches ids, methods, cursors, progress tokens and request state', () => {
    const secret = `ghp_${'a1'.repeat(18)}`;
    const message = JSON.stringify({
      jsonrpc: '2.0',
      id: secret,
      method: 'tools/call',
      params: { cursor: secret, requestState: secret, _meta: { progressToken: secret }, progressToken: secret },
    });
    expect(masker.maskJson(message)).toEqual({ kind: 'clean' });
    expect(masker.maskJson(`[${message}]`)).toEqual({ kind: 'clean' });
  });

  test('masks the same names elsewhere', () => {
    const secret = `ghp_${'a1'.repeat(18)}`;
    const result = masker.maskJson(
      JSON.stringify({ result: { item: { id: secret, cursor: secret, requestState: secret } } }),
    );
    expect(pathsOf(result)).toEqual([
      'github-token /result/item/id',
      'github-token /result/item/cursor',
      'github-token /result/item/requestState',
    ]);
  });
});

describe('splicing', () => {
  test('changes nothing but the masked span', () => {
    const message =
      '{ "n" : 12345678901234567890, "f":1.0,"e":1E5, "s":"caf\\u00e9 \\/ token=abc123def\\n", "10":1,"9":2 }';
    expect(maskedText(message)).toBe(message.replace('abc123def', '[REDACTED:token]'));
  });

  test('re-escapes JSON in a string at every depth', () => {
    let message = JSON.stringify({ password: 'hunter2', keep: '"\\\n' });
    for (let depth = 0; depth < maskLimits.maxNesting; depth += 1) message = JSON.stringify({ text: message });
    const masked = maskedText(message);
    expect(masked).toBe(message.replace('hunter2', '[REDACTED:password]'));
  });

  test('names the place in JSON in a string', () => {
    const result = masker.maskJson(JSON.stringify({ 'a/b': [JSON.stringify({ password: 'hunter2' })] }));
    expect(pathsOf(result)).toEqual(['password /a~1b/0#/password']);
  });

  test('masks a name that is itself a secret, and keeps two of them apart', () => {
    const [one, two] = [`ghp_${'a1'.repeat(18)}`, `ghp_${'b2'.repeat(18)}`];
    const result = masker.maskJson(JSON.stringify({ [one]: 1, [two]: 2 }));
    expect(result).toMatchObject({
      record: { text: '{"[REDACTED:github-token]":1,"[REDACTED:github-token~2]":2}', hits: 2 },
    });
    expect(JSON.stringify(result)).not.toContain('ghp_');
  });

  test('finds a URL behind escaped slashes, at any depth', () => {
    const message = String.raw`{"u":"https:\/\/bob:hunter2@db\/x"}`;
    expect(maskedText(message)).not.toContain('hunter2');
    expect(maskedText(JSON.stringify({ text: message }))).not.toContain('hunter2');
  });
});

describe('refusals', () => {
  test.each([
    '',
    '{',
    '{"a":1,}',
    '[1,]',
    '[,1]',
    '{"a" 1}',
    '01',
    '1.',
    '-',
    '+1',
    '1e',
    'nul',
    'NaN',
    '"\u0001"',
    '"\\x"',
    '"\\u12"',
    '"password\u0001"',
    '"abc',
    '[1] 2',
    "{'a':1}",
    '\uFEFF{}',
  ])('refuses %j as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(masker.maskJson(text)).toEqual({ kind: 'refused', reason: 'invalid' });
  });

  test('accepts the deepest document permitted and refuses a deeper one', () => {
    expect(masker.maskJson(nested(maskLimits.maxDepth))).toEqual({ kind: 'clean' });
    expect(masker.maskJson(nested(maskLimits.maxDepth + 1))).toEqual({ kind: 'refused', reason: 'too_deep' });
    expect(masker.maskJson('['.repeat(200_000))).toEqual({ kind: 'refused', reason: 'too_deep' });
  });

  test('refuses one key too many', () => {
    expect(masker.maskJson(keys(maskLimits.maxKeys))).toEqual({ kind: 'clean' });
    expect(masker.maskJson(keys(maskLimits.maxKeys + 1))).toEqual({ kind: 'refused', reason: 'too_many_keys' });
  });

  test('refuses a message over the length limit', () => {
    expect(masker.maskJson(`"${'a'.repeat(maskLimits.maxLength)}"`)).toEqual({ kind: 'refused', reason: 'too_large' });
  });

  test('still masks what stands in a string as JSON too deep to walk', () => {
    const deep = `${'['.repeat(200)}{"password":"hunter2"}${']'.repeat(200)}`;
    expect(maskedText(JSON.stringify({ text: deep }))).not.toContain('hunter2');
  });
});

describe('spec', () => {
  test('masks the values of custom keys, in JSON and in text', () => {
    const custom = createMasker({ keys: ['nationalId'] }, nodeCrypto);
    expect(custom.maskJson('{"national_id":"AB12","t":"National-ID: AB1234"}')).toMatchObject({
      record: { text: '{"national_id":"[REDACTED:custom-key]","t":"National-ID: [REDACTED:custom-key]"}' },
    });
  });

  test('does not ask a detector that is off, and its hash tells so', () => {
    const less = createMasker({ off: ['password'] }, nodeCrypto);
    expect(less.maskJson('{"password":"hunter2"}')).toEqual({ kind: 'clean' });
    expect(less.rulesHash).not.toBe(createMasker({}, nodeCrypto).rulesHash);
  });
});

describe('headers', () => {
  test('masks secret headers whole and what is found in others', () => {
    const result = masker.maskHeaders({
      authorization: 'Bearer abc',
      'set-cookie': ['sid=1', 'b=2'],
      referer: 'https://x/?token=abc123def&a=1',
      host: 'x',
    });
    expect(result).toMatchObject({
      headers: {
        authorization: '[REDACTED:authorization]',
        'set-cookie': ['[REDACTED:cookie]', '[REDACTED:cookie]'],
        referer: 'https://x/?token=[REDACTED:token]&a=1',
        host: 'x',
      },
      hits: 4,
    });
  });

  test('leaves harmless headers', () => {
    expect(masker.maskHeaders({ host: 'x', accept: ['a'], 'mcp-session-id': 'abc' })).toEqual({ kind: 'clean' });
  });
});
