import { describe, expect, test } from '@jest/globals';
import { jsonRpcIdText, parseJsonRpcBody } from './jsonrpc.ts';

describe('a JSON-RPC body', () => {
  test.each([
    [
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { kind: 'request', id: 1, method: 'ping', params: {} },
    ],
    [
      { jsonrpc: '2.0', id: 'a', method: 'm', params: { x: 1 } },
      { kind: 'request', id: 'a', method: 'm', params: { x: 1 } },
    ],
    [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { kind: 'notification', method: 'notifications/initialized', params: {} },
    ],
    [
      { jsonrpc: '2.0', id: 1, result: { ok: true } },
      { kind: 'response', id: 1, result: { ok: true } },
    ],
    [
      { jsonrpc: '2.0', id: 1, error: { code: -1 } },
      { kind: 'response', id: 1, result: {}, error: { code: -1 } },
    ],
    [
      { jsonrpc: '2.0', id: null, error: {} },
      { kind: 'response', id: null, result: {}, error: { code: undefined } },
    ],
  ])('is read: %j', (value, message) => {
    expect(parseJsonRpcBody(value)).toEqual({ kind: 'messages', messages: [message], batch: false });
  });

  test.each([
    [{ jsonrpc: '1.0', id: 1, method: 'x' }, 'version'],
    [{ JsonRpc: '2.0', id: 1, method: 'x' }, 'version'],
    [{ jsonrpc: '2.0', id: 1.5, method: 'x' }, 'id'],
    [{ jsonrpc: '2.0', id: 2 ** 53, method: 'x' }, 'id'],
    [{ jsonrpc: '2.0', id: null, method: 'x' }, 'id'],
    [{ jsonrpc: '2.0', id: true, result: {} }, 'id'],
    [{ jsonrpc: '2.0', id: 1 }, 'method'],
    [{ jsonrpc: '2.0', id: 1, method: 7 }, 'method'],
    [{ jsonrpc: '2.0', id: 1, method: 'x', params: 'y' }, 'params'],
    [{ jsonrpc: '2.0', id: 1, method: 'x', result: {} }, 'ambiguous'],
    [{ jsonrpc: '2.0', id: 1, result: {}, error: {} }, 'ambiguous'],
    [[{ jsonrpc: '2.0', id: 1, method: 'x' }, { id: 2 }], 'version'],
  ])('is refused: %j (%s)', (value, reason) => {
    expect(parseJsonRpcBody(value)).toEqual({ kind: 'refused', reason });
  });

  test.each([[{ method: 'card' }], [[]], [[1]], ['text'], [null], [{ query: { jsonrpc: '2.0' } }]])(
    'is something else: %j',
    (value) => {
      expect(parseJsonRpcBody(value)).toEqual({ kind: 'other' });
    },
  );
});

test('ids that look alike differ', () => {
  expect(jsonRpcIdText(7)).not.toBe(jsonRpcIdText('7'));
});
