import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MaskingSpec } from '@tachograph/protocol';
import { checkMaskingSpec } from './check.ts';
import { createMasker, type Masker, type MaskResult, type MessageContext } from './index.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';
import { loadPatternEngine } from './pattern-engine.ts';

const tokenKey = new Uint8Array(32).fill(7);
const card = '4111111111111111';

function create(spec: MaskingSpec): Masker {
  expect(checkMaskingSpec(spec)).toEqual([]);
  return createMasker(spec, nodeCrypto, { tokenKey });
}

function recordOf(result: MaskResult): string {
  if (result.kind !== 'masked') throw new Error(`expected masked, got ${result.kind}`);
  return result.record.text;
}

const mask = (spec: MaskingSpec, value: unknown, context?: MessageContext): unknown =>
  JSON.parse(recordOf(create(spec).maskJson(JSON.stringify(value), context)));

describe('transforms', () => {
  test('partial keeps the last four of what is long enough', () => {
    const spec: MaskingSpec = { transforms: { default: 'partial' } };
    expect(mask(spec, { password: 'abcdefghijkl', token: 'short' })).toEqual({
      password: '[REDACTED:password:ijkl]',
      token: '[REDACTED:token]',
    });
  });

  test('tokens are equal for equal values of a session, and tell nothing across sessions', () => {
    const spec: MaskingSpec = { transforms: { password: 'token' } };
    const message = { a: { password: 'hunter2x' }, text: 'DB_PASSWORD=hunter2x', b: { password: 'other99' } };
    const one = mask(spec, message, { session: 's1' }) as { a: { password: string }; text: string };
    expect(one.a.password).toMatch(/^\[REDACTED:password:[0-9a-f]{16}\]$/);
    expect(one.text).toBe(`DB_PASSWORD=${one.a.password}`);
    expect(JSON.stringify(mask(spec, message, { session: 's2' }))).not.toContain(one.a.password);
    expect(mask(spec, message, { session: 's1' })).toEqual(one);
  });

  test('evidence names the value by its token and the transform', () => {
    const result = create({ transforms: { password: 'token' } }).maskJson('{"password":"hunter2x"}', { session: 's' });
    expect(result).toMatchObject({
      record: { spans: [{ rule: 'password', path: '/password', count: 1, transform: 'token' }] },
    });
    const [span] = result.kind === 'masked' ? result.record.spans : [];
    expect(recordOf(result)).toContain(`:${span?.token ?? 'none'}]`);
  });

  test('without a key nothing is named', () => {
    const masker = createMasker({ transforms: { default: 'token' } }, nodeCrypto);
    expect(recordOf(masker.maskJson('{"password":"hunter2x"}'))).toBe('{"password":"[REDACTED:password]"}');
  });

  test('fpe keeps length, separators and type, and hides the digits', async () => {
    const masker = create({ transforms: { default: 'fpe' } });
    await masker.ready;
    const message = { password: '4111-1111-1111-1111', api_key: 4111111111111111, secret: 'letters' };
    const masked: unknown = JSON.parse(recordOf(masker.maskJson(JSON.stringify(message))));
    const { password, api_key: number, secret } = masked as { password: string; api_key: number; secret: string };
    expect(password).toMatch(/^\d{4}-\d{4}-\d{4}-\d{4}$/);
    expect(password).not.toBe('4111-1111-1111-1111');
    expect(String(number)).toMatch(/^[1-9]\d{15}$/);
    expect(secret).toMatch(/^\[REDACTED:secret:[0-9a-f]{16}\]$/);
  });

  test('drop empties strings and zeroes numbers', () => {
    const dropped = mask({ transforms: { default: 'drop' } }, { password: 'hunter2x', secret: 12345 });
    expect(dropped).toEqual({ password: '', secret: 0 });
  });

  test('masking twice changes nothing, whatever stands there', () => {
    const names = ['redact', 'partial', 'token'] as const;
    const transforms = fc.constantFrom(...names.map((name) => create({ transforms: { default: name } })));
    const parts = fc.array(fc.constantFrom('password=', 'hunter2secret9', ' ', '"', 'token: ', card, '\n'));
    fc.assert(
      fc.property(transforms, parts, (masker, pieces) => {
        const once = masker.maskJson(JSON.stringify({ t: pieces.join(''), password: pieces.join('') }));
        fc.pre(once.kind === 'masked');
        const again = masker.maskJson(recordOf(once));
        expect(again).toEqual({ kind: 'clean' });
      }),
      { numRuns: 500 },
    );
  });
});

describe('rules by path', () => {
  test('mask what stands at a place, whatever it is, in tools of a name', () => {
    const spec: MaskingSpec = {
      rules: [
        { tool: 'get-*', path: '$.result.structuredContent.rows[*].name', transform: 'redact' },
        { path: '$..nickname', transform: 'drop' },
      ],
    };
    const result = {
      structuredContent: {
        rows: [
          { name: 'Ann', age: 4 },
          { nickname: 'x', name: 'Bob' },
        ],
      },
    };
    expect(mask(spec, { result }, { tool: 'get-rows' })).toEqual({
      result: {
        structuredContent: {
          rows: [
            { name: '[REDACTED:path-rule]', age: 4 },
            { nickname: '', name: '[REDACTED:path-rule]' },
          ],
        },
      },
    });
    expect(mask(spec, { result }, { tool: 'list' })).toEqual({
      result: {
        structuredContent: {
          rows: [
            { name: 'Ann', age: 4 },
            { nickname: '', name: 'Bob' },
          ],
        },
      },
    });
  });

  test('reach JSON in strings, and the text twin of structured content', () => {
    const spec: MaskingSpec = { rules: [{ path: '$.result.structuredContent.a.b', transform: 'token' }] };
    const content = { a: { b: 'x y z', c: 1 }, n: [1.5, 'é'] };
    const masked = mask(spec, {
      result: { structuredContent: content, content: [{ type: 'text', text: JSON.stringify(content, null, 2) }] },
    }) as { result: { structuredContent: { a: { b: string } }; content: { text: string }[] } };
    expect(masked.result.structuredContent.a.b).toMatch(/^\[REDACTED:path-rule:/);
    expect(JSON.parse(masked.result.content[0]?.text ?? '')).toEqual(masked.result.structuredContent);
    const numbers: MaskingSpec = { rules: [{ path: '$.list[0][1]', transform: 'redact' }] };
    expect(mask(numbers, { list: ['[1,2]', '[1,2]'] })).toEqual({ list: ['[1,0]', '[1,2]'] });
    const inner: MaskingSpec = { rules: [{ path: "$.list[1]['a b'].c", transform: 'redact' }] };
    expect(mask(inner, { list: ['{"a b":{"c":"x"}}', '{"a b":{"c":"x"}}'] })).toEqual({
      list: ['{"a b":{"c":"x"}}', '{"a b":{"c":"[REDACTED:path-rule]"}}'],
    });
  });

  test('keep a place, but never loosen a deeper rule', () => {
    const spec: MaskingSpec = {
      rules: [
        { path: '$.params.arguments', transform: 'keep' },
        { path: '$.params.arguments.password', transform: 'redact' },
      ],
    };
    expect(mask(spec, { params: { arguments: { token: 'hunter2x', password: 'b' }, token: 'c2c2c2' } })).toEqual({
      params: {
        arguments: { token: 'hunter2x', password: '[REDACTED:path-rule]' },
        token: '[REDACTED:token]',
      },
    });
  });

  test('begin in each message of a batch, and leave protocol fields', () => {
    const spec: MaskingSpec = { rules: [{ path: '$..*', transform: 'redact' }] };
    expect(mask(spec, [{ id: 'a', method: 'm', params: { cursor: 'c', n: 5, b: true, s: 's' } }])).toEqual([
      { id: 'a', method: 'm', params: { cursor: 'c', n: 0, b: true, s: '[REDACTED:path-rule]' } },
    ]);
    const own: MaskingSpec = { rules: [{ path: '$.params.s', transform: 'redact' }] };
    expect(mask(own, [{ params: { s: 's' } }])).toEqual([{ params: { s: '[REDACTED:path-rule]' } }]);
  });

  test('give evidence of the place', () => {
    const masker = create({ rules: [{ path: '$.a', transform: 'redact' }] });
    expect(masker.maskJson('{"a":["x","y"]}')).toMatchObject({
      record: {
        hits: 2,
        spans: [
          { rule: 'path-rule', path: '/a/0' },
          { rule: 'path-rule', path: '/a/1' },
        ],
      },
    });
  });
});

describe('allow-lists', () => {
  test('leave exact values, for one rule or all', () => {
    const spec: MaskingSpec = { allow: [{ value: 'changeme9' }, { rule: 'password', value: 'dev"pass' }] };
    const masked = mask(spec, { password: 'dev"pass', token: 'dev"pass', a: { password: 'changeme9' }, t: 'x' });
    expect(masked).toEqual({ password: 'dev"pass', token: '[REDACTED:token]', a: { password: 'changeme9' }, t: 'x' });
  });

  test('leave the addresses of a domain', () => {
    const message = JSON.stringify({ text: 'write to ann@Example.com or bob@other.org' });
    const found = recordOf(create({ allow: [{ value: '@example.com' }] }).maskJson(message));
    expect(found).toContain('ann@Example.com');
    expect(found).not.toContain('bob@');
  });
});

describe('own patterns', () => {
  beforeAll(async () => void (await loadPatternEngine()));

  test('find what they say', () => {
    const spec: MaskingSpec = {
      patterns: [{ id: 'badge', keywords: ['badge'], pattern: 'badge ([A-Z]{2}[0-9]{3})', group: 1 }],
      transforms: { badge: 'token' },
    };
    expect(JSON.stringify(mask(spec, { t: 'badge AB123 is lost' }))).toMatch(
      /badge \[REDACTED:badge:[0-9a-f]{16}\] is/,
    );
  });
});

describe('opaque blobs', () => {
  const png = Buffer.from([
    0x89,
    0x50,
    0x4e,
    0x47,
    0xd,
    0xa,
    0x1a,
    0xa,
    ...Array.from({ length: 40 }, (_, i) => 255 - i),
  ]);
  const data = png.toString('base64');
  const message = {
    result: {
      content: [
        { type: 'image', data, mimeType: 'image/png' },
        { type: 'resource', resource: { uri: 'a:b', blob: data } },
        { type: 'text', text: 'x' },
      ],
      structuredContent: { data },
    },
  };

  test('pass, counted as not inspected', () => {
    expect(create({}).maskJson(JSON.stringify(message))).toEqual({ kind: 'clean', uninspected: 2 });
  });

  test('give way where the policy drops them', () => {
    expect(mask({ blobs: 'drop' }, message)).toEqual({
      result: {
        content: [
          { type: 'text', text: '[REDACTED:opaque-blob]' },
          { type: 'resource', resource: { uri: 'a:b', blob: '' } },
          { type: 'text', text: 'x' },
        ],
        structuredContent: { data },
      },
    });
  });

  test('are known however they are written, each of several of a name', () => {
    const escaped = png.toString('base64').replaceAll('/', '\\/');
    const lines = png.toString('base64').replaceAll(/.{16}/g, '$&\\r\\n');
    const json = `{"resource":{"blob":"${escaped}","blob":"${lines}"}}`;
    expect(create({}).maskJson(json)).toMatchObject({ uninspected: 2 });
    expect(recordOf(create({ blobs: 'drop' }).maskJson(json))).toBe('{"resource":{"blob":"","blob":""}}');
  });

  test('are looked into where they are text', () => {
    const text = Buffer.from(`the key ghp_${'a1B2'.repeat(9)} of the staging host`).toString('base64');
    const { resource } = mask({}, { resource: { blob: text } }) as { resource: { blob: string } };
    expect(Buffer.from(resource.blob, 'base64').toString()).not.toContain('ghp_');
  });
});

describe('faults', () => {
  test.each<[MaskingSpec, string]>([
    [{ off: ['no-such'] }, '/off/0'],
    [{ keys: ['!'] }, '/keys/0'],
    [{ patterns: [{ id: 'x1', keywords: ['abc'], pattern: '(' }] }, '/patterns/0/pattern'],
    [{ patterns: [{ id: 'jwt', keywords: ['abc'], pattern: 'abc' }] }, '/patterns/0/id'],
    [{ patterns: [{ id: 'x1', keywords: [], pattern: 'abc' }] }, '/patterns/0/keywords'],
    [{ rules: [{ path: '$.a[?(@.b)]', transform: 'drop' }] }, '/rules/0/path'],
    [{ rules: [{ path: 'a.b', transform: 'drop' }] }, '/rules/0/path'],
    [{ rules: [{ path: '$', transform: 'drop' }] }, '/rules/0/path'],
    [{ transforms: { 'no-such': 'drop' } }, '/transforms/no-such'],
    [{ allow: [{ rule: 'no-such', value: 'x' }] }, '/allow/0/rule'],
    [{ recognizer: { url: 'ftp://x' } }, '/recognizer/url'],
  ])('%j is refused', (spec, path) => {
    expect(checkMaskingSpec(spec).map((fault) => fault.path)).toEqual([path]);
  });
});
