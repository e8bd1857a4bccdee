import { describe, expect, test } from '@jest/globals';
import { createOutputSchemas } from './output-schemas.ts';

const schema = (title: string) => ({ type: 'object', title });
const listed = (name: unknown, outputSchema?: unknown) => ({ tools: [{ name, outputSchema }, 'no tool', null] });

describe('output schemas', () => {
  test("are the session's, else the newest of any session", () => {
    const schemas = createOutputSchemas();
    schemas.learn('s1', listed('query', schema('one')));
    schemas.learn('s2', listed('query', schema('two')));
    expect(schemas.of('s1', 'query')).toEqual(schema('one'));
    expect(schemas.of('s2', 'query')).toEqual(schema('two'));
    expect(schemas.of('s3', 'query')).toEqual(schema('two'));
    expect(schemas.of(undefined, 'query')).toEqual(schema('two'));
    expect(schemas.of('s1', 'other')).toBeUndefined();
  });

  test('are forgotten when the tool is listed without one', () => {
    const schemas = createOutputSchemas();
    schemas.learn('s1', listed('query', schema('one')));
    schemas.learn('s1', listed('query'));
    expect(schemas.of('s1', 'query')).toBeUndefined();
  });

  test('are kept once, and not without bound', () => {
    const schemas = createOutputSchemas();
    schemas.learn('s1', listed('query', schema('one')));
    schemas.learn('s2', listed('query', schema('one')));
    expect(schemas.of('s1', 'query')).toBe(schemas.of('s2', 'query'));
    for (let n = 0; n < 6_000; n += 1) schemas.learn(undefined, listed(`tool ${n}`, schema(`${n}`)));
    expect(schemas.of('s1', 'query')).toBeUndefined();
    expect(schemas.of(undefined, 'tool 5999')).toEqual(schema('5999'));
  });

  test.each([{}, { tools: 'x' }, { tools: [{ outputSchema: {} }] }, listed(1, {})])(
    'are not learnt from %j',
    (result) => {
      const schemas = createOutputSchemas();
      schemas.learn('s1', result);
      expect(schemas.of('s1', '1')).toBeUndefined();
    },
  );
});
