import { beforeAll, describe, expect, test } from '@jest/globals';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import fc from 'fast-check';
import { createMasker } from '../index.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';
import { preparePatterns } from '../pattern-engine.ts';
import { formatStandIns } from './format-stand-ins.ts';

beforeAll(async () => preparePatterns({ pattern: 'a' }));

const validator = new AjvJsonSchemaValidator();
const masker = createMasker({}, nodeCrypto);
const token = `ghp_${'a1B2'.repeat(9)}`;

interface Result {
  readonly structuredContent: unknown;
  readonly content: readonly { readonly text: string }[];
}

type Masked = { readonly kind: 'unsafe' | 'clean' } | { readonly kind: 'masked'; readonly result: Result };

function mask(structuredContent: unknown, outputSchema: unknown): Masked {
  const text = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    result: { content: [{ type: 'text', text: JSON.stringify(structuredContent, null, 1) }], structuredContent },
  });
  const masked = masker.maskJson(text, { outputSchema });
  if (masked.kind !== 'masked') return { kind: 'clean' };
  if (masked.unsafeForSchema === true) return { kind: 'unsafe' };
  return { kind: 'masked', result: (JSON.parse(masked.client?.text ?? text) as { result: Result }).result };
}

/** The validator of the MCP client. */
function isValid(schema: unknown, value: unknown): boolean {
  return validator.getValidator(schema as object)(value).valid;
}

const object = (properties: Readonly<Record<string, unknown>>): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

function contentOf(value: unknown, schema: unknown): unknown {
  expect(isValid(schema, value)).toBe(true);
  const masked = mask(value, schema);
  if (masked.kind !== 'masked') throw new Error(`expected masked, got ${masked.kind}`);
  const { structuredContent, content } = masked.result;
  expect(isValid(schema, structuredContent)).toBe(true);
  expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent);
  return structuredContent;
}

describe('structured content, masked', () => {
  test('keeps the usual mask where the schema permits it', () => {
    const schema = object({ password: { type: 'string' }, note: { anyOf: [{ type: 'string' }, { type: 'null' }] } });
    expect(contentOf({ password: 'hunter2x', note: `see ${token}` }, schema)).toEqual({
      password: '[REDACTED:password]',
      note: 'see [REDACTED:github-token]',
    });
  });

  test.each([
    ['email', 'ann@example.com'],
    ['uuid', '6f1b2c3d-0a1b-4c2d-8e3f-0123456789ab'],
    ['date', '2001-02-03'],
    ['date-time', '2001-02-03T04:05:06Z'],
    ['uri', 'https://a.example/x'],
    ['ipv4', '10.1.2.3'],
    ['ipv6', 'fe80::1'],
    ['hostname', 'a.example'],
  ])('keeps the format %s', (format, value) => {
    const schema = object({ token: { type: 'string', format } });
    expect(contentOf({ token: value }, schema)).toEqual({ token: formatStandIns.get(format) });
  });

  test('keeps lengths, patterns and bounds', () => {
    const schema = object({
      password: { type: 'string', maxLength: 8 },
      secret: { type: 'string', minLength: 40, maxLength: 41 },
      token: { type: 'string', pattern: '^[A-Z]{2}-\\d{3}$' },
      api_key: { type: 'integer', minimum: 1000, multipleOf: 7 },
    });
    const masked = contentOf({ password: 'hunter2x', secret: 's'.repeat(40), token: 'AB-123', api_key: 7007 }, schema);
    expect(masked).toEqual({ password: '********', secret: '*'.repeat(40), token: 'XX-000', api_key: 1001 });
  });

  test('reaches items, references, and what is combined', () => {
    const schema = {
      type: 'object',
      properties: { users: { type: 'array', items: { $ref: '#/$defs/user' } } },
      $defs: {
        user: {
          allOf: [
            { type: 'object', properties: { password: { type: 'string', maxLength: 10 } } },
            { oneOf: [{ required: ['name'] }, { required: ['nick'] }] },
          ],
        },
      },
    };
    const users = [
      { password: 'hunter2xy', name: 'a' },
      { password: 'other99ab', nick: 'b' },
    ];
    expect(contentOf({ users }, schema)).toEqual({
      users: [
        { password: '********', name: 'a' },
        { password: '********', nick: 'b' },
      ],
    });
  });

  test.each([
    ['a choice', { password: 'hunter2x' }, object({ password: { enum: ['hunter2x', 'b'] } })],
    ['a constant', { password: 'hunter2x' }, object({ password: { const: 'hunter2x' } })],
    ['a name that may not change', { [token]: 1 }, object({ [token]: { type: 'number' } })],
    [
      'a pattern beyond RE2',
      { password: 'hunter2x' },
      object({ password: { type: 'string', pattern: '^(?=.*2)hunter.x$' } }),
    ],
    [
      'a keyword beyond the judge',
      { password: 'hunter2x' },
      { ...object({ password: {} }), unevaluatedProperties: false },
    ],
  ])('is said to be unsafe under %s', (_, value, schema) => {
    expect(mask(value, schema)).toEqual({ kind: 'unsafe' });
  });

  test('is valid or said to be unsafe under any schema', () => {
    let safe = 0;
    fc.assert(
      fc.property(documents, ({ schema, value }) => {
        fc.pre(isValid(schema, value));
        const masked = mask(value, schema);
        if (masked.kind !== 'masked') return;
        safe += 1;
        expect(isValid(schema, masked.result.structuredContent)).toBe(true);
        expect(JSON.stringify(masked.result.structuredContent)).not.toContain('ghp_');
        expect(JSON.parse(masked.result.content[0]?.text ?? '')).toEqual(masked.result.structuredContent);
      }),
      { numRuns: 60 },
    );
    expect(safe).toBeGreaterThan(15);
  });
});

interface Example {
  readonly schema: object;
  readonly value: unknown;
}

const strings: fc.Arbitrary<Example> = fc
  .tuple(
    fc.constantFrom('hunter2secret9', token, 'plain', `x ${token} y`, 'ann@example.com', '2001-02-03', '10.1.2.3'),
    fc.record(
      {
        minLength: fc.nat(16),
        maxLength: fc.integer({ min: 4, max: 60 }),
        pattern: fc.constantFrom('^[a-z0-9]+$', '^[^@]+@[^@]+$', '[a-zA-Z]', '^\\d', '^(?!x)'),
        format: fc.constantFrom('email', 'date', 'ipv4', 'password'),
        enum: fc.constantFrom(['hunter2secret9', 'x'], ['plain']),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([value, rest]) => ({ value, schema: { type: 'string', ...rest } }));

const numbers: fc.Arbitrary<Example> = fc
  .tuple(
    fc.integer({ min: -50, max: 5000 }),
    fc.record(
      { minimum: fc.integer({ min: -50, max: 100 }), maximum: fc.nat(5000), multipleOf: fc.constantFrom(1, 5, 0.5) },
      { requiredKeys: [] },
    ),
  )
  .map(([value, rest]) => ({ value, schema: { type: 'number', ...rest } }));

const keys = fc.constantFrom('password', 'api_key', 'name', 'token', 'note', token);

function schemasWithValues(depth: number): fc.Arbitrary<Example> {
  const member = depth === 0 ? fc.oneof(strings, numbers) : fc.oneof(strings, numbers, schemasWithValues(depth - 1));
  const objects = fc
    .tuple(fc.dictionary(keys, member, { minKeys: 1, maxKeys: 4 }), fc.boolean())
    .map(([members, isClosed]): Example => {
      const entries = Object.entries(members);
      return {
        value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
        schema: {
          type: 'object',
          properties: Object.fromEntries(entries.map(([key, { schema }]) => [key, schema])),
          ...(isClosed ? { additionalProperties: false, required: entries.map(([key]) => key) } : {}),
        },
      };
    });
  const lists = fc
    .tuple(objects, fc.integer({ min: 1, max: 3 }), fc.boolean())
    .map(([{ schema, value }, count, uniqueItems]): Example => ({
      value: { list: Array.from({ length: uniqueItems ? 1 : count }, () => value) },
      schema: { type: 'object', properties: { list: { type: 'array', items: schema, uniqueItems } } },
    }));
  const combined = fc
    .tuple(objects, objects, fc.constantFrom('anyOf', 'oneOf', 'allOf'))
    .map(([one, other, keyword]): Example => ({
      value: one.value,
      schema: { type: 'object', [keyword]: keyword === 'allOf' ? [one.schema] : [one.schema, other.schema] },
    }));
  return fc.oneof(objects, lists, combined);
}

/** References resolve from the root, so only there. */
const documents = schemasWithValues(2).chain((example) =>
  fc.boolean().map((isReferred): Example => {
    if (!isReferred) return example;
    const { value, schema } = example;
    return {
      value: { inner: value },
      schema: { type: 'object', properties: { inner: { $ref: '#/$defs/inner' } }, $defs: { inner: schema } },
    };
  }),
);

describe('hostile schemas', () => {
  const content = { password: 'hunter2x', a: { a: { a: { a: { a: { a: {} } } } } } };

  test.each([
    ['refers to itself', { $ref: '#' }],
    ['branches without end', { anyOf: Array.from({ length: 50 }, () => ({ allOf: [{ $ref: '#' }, { $ref: '#' }] })) }],
    ['refers to nothing', { $ref: '#/no/such' }],
    ['is elsewhere', { $ref: 'https://a.example/schema' }],
    ['is no schema', 'string'],
    ['backtracks', object({ password: { type: 'string', pattern: '^(([a-z0-9])+.)+[A-Z]([a-z])+$' }, a: {} })],
    ['is deep', Array.from({ length: 5000 }).reduce<object>((not) => ({ not }), {})],
  ])('a schema that %s makes the result unsafe, soon', (_, schema) => {
    expect(mask(content, schema)).toEqual({ kind: 'unsafe' });
  });

  test('prototypes are no properties', () => {
    const schema = { type: 'object', properties: { password: { type: 'string' } }, additionalProperties: false };
    const json = '{"result":{"structuredContent":{"__proto__":1,"constructor":2,"password":"hunter2x"}}}';
    expect(masker.maskJson(json, { outputSchema: schema })).toMatchObject({ unsafeForSchema: true });
  });
});
