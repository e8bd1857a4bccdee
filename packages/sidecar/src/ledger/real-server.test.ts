import { afterEach, expect, test } from '@jest/globals';
import { post } from '../testing/client.ts';
import { startEverything, type EverythingServer } from '../testing/everything-server.ts';
import { startHarness, type Harness } from '../testing/harness.ts';

let server: EverythingServer | undefined;
let harness: Harness | undefined;

afterEach(async () => {
  await harness?.close();
  server?.child.kill();
});

interface Listed {
  readonly tools: readonly { readonly name: string }[];
}

test('an unmodified server lists to each caller what they may call, and is pinned as it first was', async () => {
  server = await startEverything('streamableHttp');
  const reports: string[] = [];
  harness = await startHarness({
    upstream: server.upstream,
    mayReach: ({ tool }) => tool !== 'echo',
    report: async ({ section, complete, items }) => {
      reports.push(`${section} ${complete} ${items.length > 0 && items.every(({ text = '' }) => text !== '')}`);
      return [];
    },
  });
  const url = `${harness.url}/mcp`;
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const opened = await post(url, JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }));
  await opened.text();
  const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const list = async (id: number): Promise<Listed> => {
    const answer = await post(url, JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list' }), headers);
    const data = /^data: (.*)$/m.exec(await answer.text())?.[1] ?? '{}';
    const { result, id: answered }: { result: Listed; id: number } = JSON.parse(data);
    expect(answered).toBe(id);
    return result;
  };
  const [first, second] = [await list(1), await list(2)];
  expect(second).toEqual(first);
  const names = first.tools.map(({ name }) => name);
  expect(names).toContain('get-sum');
  expect(names).not.toContain('echo');
  const record = await harness.recorder.seen(
    ({ mcp_method_name, kind }) => kind === 'mcp.response' && mcp_method_name === 'tools/list',
  );
  expect(record.detail).toMatchObject({ filtered: 1, listed: names.length + 1 });
  expect(JSON.parse(record.body ?? '{}')).toMatchObject({
    result: { tools: expect.arrayContaining([expect.objectContaining({ name: 'echo' })]) },
  });
  expect(harness.recorder.drafts.filter(({ kind }) => kind === 'ledger.drift')).toEqual([]);
  expect(reports).toContain('instructions true true');
});
