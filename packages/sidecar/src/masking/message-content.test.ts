import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longSummaryOf, summaryOf } from './message-content.ts';

const summary = (value: unknown) => summaryOf(JSON.stringify(value)).content;

describe('the summary of a message', () => {
  test('keeps of an answer what its record says', () => {
    const result = { isError: true, content: [{ type: 'text', text: 'bulk' }], structuredContent: { a: 1 } };
    expect(summary({ jsonrpc: '2.0', id: 'x', result })).toEqual({
      batch: 0,
      message: { kind: 'response', id: 'x', result: { isError: true } },
    });
    expect(summary({ jsonrpc: '2.0', id: 1, error: { code: -3, message: 'bulk', data: {} } })).toEqual({
      batch: 0,
      message: { kind: 'response', id: 1, result: {}, error: { code: -3 } },
    });
  });

  test('keeps of a list of tools what masking needs', () => {
    const outputSchema = { type: 'object' };
    const tools = [{ name: 'a', description: 'bulk', inputSchema: {}, outputSchema }, { name: 'b' }, null];
    expect(summary({ jsonrpc: '2.0', id: 1, result: { tools } })).toMatchObject({
      message: { result: { tools: [{ name: 'a', outputSchema }, { name: 'b' }] } },
    });
  });

  test('keeps of a call whom it is for', () => {
    const params = { name: 't', arguments: { bulk: 1 }, _meta: { traceparent: 'x' } };
    expect(summary({ jsonrpc: '2.0', method: 'tools/call', params })).toEqual({
      batch: 0,
      message: { kind: 'notification', method: 'tools/call', params: { name: 't', _meta: { traceparent: 'x' } } },
    });
  });

  test('tells a batch, other JSON, and what is none', () => {
    expect(summary([1, 2])).toEqual({ batch: 2 });
    expect(summary('text')).toEqual({ batch: 0 });
    expect(summaryOf('{').content).toBeUndefined();
  });

  test('is the same of a text that is too long to be parsed', () => {
    const result = fc.record(
      { isError: fc.boolean(), content: fc.jsonValue(), tools: fc.jsonValue(), prompts: fc.array(fc.jsonValue()) },
      { requiredKeys: [] },
    );
    const message = fc.record(
      {
        jsonrpc: fc.constant('2.0'),
        id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
        result,
        x: fc.jsonValue(),
      },
      { requiredKeys: ['jsonrpc', 'id', 'result'] },
    );
    const call = fc.record({
      jsonrpc: fc.constant('2.0'),
      method: fc.string(),
      params: fc.record({ name: fc.string() }),
    });
    const other = fc.record({
      jsonrpc: fc.constant('2.0'),
      id: fc.integer(),
      error: fc.record({ code: fc.integer() }),
    });
    const batch = fc.array(fc.oneof(message, call, other), { minLength: 1 });
    fc.assert(
      fc.property(fc.oneof(message, call, other, batch, fc.string()), fc.nat(2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(longSummaryOf(text)).toEqual(summaryOf(text));
      }),
    );
  });
});
