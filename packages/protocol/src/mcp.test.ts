import { describe, expect, test } from '@jest/globals';
import { parseJsonRpcMessage, type JsonRpcMessage } from './jsonrpc.ts';
import { headerMismatch, mcpClientInfo, mcpTarget, mcpTraceparent } from './mcp.ts';

const version = 'io.modelcontextprotocol/protocolVersion';

function request(method: string, params: Readonly<Record<string, unknown>> = {}): JsonRpcMessage {
  const message = parseJsonRpcMessage({ jsonrpc: '2.0', id: 1, method, params });
  if (typeof message === 'string') throw new Error(message);
  return message;
}

describe('the target of a call', () => {
  test.each([
    ['tools/call', { name: 't' }, { tool: 't' }],
    ['prompts/get', { name: 'p' }, { prompt: 'p' }],
    ['resources/read', { uri: 'u' }, { resource: 'u' }],
    ['resources/subscribe', { uri: 'u' }, { resource: 'u' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'p' } }, { prompt: 'p' }],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'u' } }, { resource: 'u' }],
    ['tools/call', { name: 7 }, {}],
    ['tools/list', { name: 't' }, {}],
  ])('%s %j', (method, params, target) => {
    expect(mcpTarget(method, params)).toEqual(target);
  });
});

describe('headers of the stateless era', () => {
  const modern = { 'mcp-protocol-version': '2026-07-28' };
  const meta = { _meta: { [version]: '2026-07-28' } };
  test.each([
    [
      'agree',
      request('tools/call', { name: 'a', ...meta }),
      { ...modern, 'mcp-method': 'tools/call', 'mcp-name': 'a' },
      undefined,
    ],
    [
      'agree in base64',
      request('tools/call', { name: 'ä', ...meta }),
      { ...modern, 'mcp-method': 'tools/call', 'mcp-name': '=?base64?w6Q=?=' },
      undefined,
    ],
    [
      'name the task',
      request('tasks/get', { taskId: 't', ...meta }),
      { ...modern, 'mcp-method': 'tasks/get', 'mcp-name': 't' },
      undefined,
    ],
    [
      'name no task where the method is unknown in this era',
      request('tasks/result', { taskId: 't', ...meta }),
      { ...modern, 'mcp-method': 'tasks/result' },
      undefined,
    ],
    ['are missing', request('tools/call', { name: 'a', ...meta }), modern, 'Mcp-Method'],
    [
      'name another method',
      request('tools/call', { name: 'a', ...meta }),
      { ...modern, 'mcp-method': 'tools/list' },
      'Mcp-Method',
    ],
    [
      'name another tool',
      request('tools/call', { name: 'a', ...meta }),
      { ...modern, 'mcp-method': 'tools/call', 'mcp-name': 'b' },
      'Mcp-Name',
    ],
    [
      'cannot be decoded',
      request('tools/call', { name: 'a', ...meta }),
      { ...modern, 'mcp-method': 'tools/call', 'mcp-name': '=?base64?A?=' },
      'Mcp-Name',
    ],
    [
      'say another version',
      request('ping', meta),
      { 'mcp-protocol-version': '2025-11-25', 'mcp-method': 'ping' },
      'MCP-Protocol-Version',
    ],
    [
      'belong to an earlier era',
      request('tools/call', { name: 'a' }),
      { 'mcp-protocol-version': '2025-11-25', 'mcp-method': 'x' },
      undefined,
    ],
    ['are absent in an earlier era', request('initialize', { protocolVersion: '2026-07-28' }), {}, undefined],
  ])('%s', (_name, message, headers, mismatch) => {
    expect(headerMismatch(message, headers)).toBe(mismatch);
  });
});

test('a client names itself in initialize or in _meta', () => {
  expect(mcpClientInfo(request('initialize', { clientInfo: { name: 'c', version: '1' } }))).toEqual({
    name: 'c',
    version: '1',
  });
  expect(mcpClientInfo(request('ping', { _meta: { 'io.modelcontextprotocol/clientInfo': { name: 'c' } } }))).toEqual({
    name: 'c',
  });
  expect(mcpClientInfo(request('ping', { clientInfo: { name: 'c' } }))).toBeUndefined();
});

test('a traceparent is taken only in its own form', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  expect(mcpTraceparent(request('ping', { _meta: { traceparent } }))).toBe(traceparent);
  expect(mcpTraceparent(request('ping', { _meta: { traceparent: `${traceparent} secret` } }))).toBeUndefined();
});
