import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startEverything, type EverythingServer } from './testing/everything-server.ts';
import { startHarness } from './testing/harness.ts';
import { createTestIssuer } from './testing/issuer.ts';

const client = join(import.meta.dirname, 'testing/sdk-client.mjs');
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
let server: EverythingServer | undefined;

afterEach(() => void server?.child.kill());

async function runClient(kind: string, url: string, token: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [client, kind, url, `say ${secret}`, token], { timeout: 30_000 }, (error, out, err) => {
      if (error === null) resolve(JSON.parse(out));
      else reject(new Error(`${kind}: ${err}`));
    });
  });
}

describe('an unmodified server behind the sidecar answers an unmodified client', () => {
  test.each([
    ['streamableHttp', '/mcp', 'v1'],
    ['streamableHttp', '/mcp', 'v2'],
    ['streamableHttp', '/mcp', 'v2-modern'],
    ['sse', '/sse', 'v1-sse'],
  ])('%s %s %s', async (transport, path, kind) => {
    const issuer = await createTestIssuer();
    server = await startEverything(transport);
    const { upstream } = server;
    const harness = await startHarness({ upstream, issuers: issuer.payload });
    const seen = await runClient(kind, `${harness.url}${path}`, await issuer.sign());
    expect(seen).toMatchObject({
      result: { content: [{ type: 'text', text: expect.stringContaining('Echo: say [') }] },
    });
    await harness.close();
    const { drafts } = harness.recorder;
    expect(JSON.stringify(drafts)).not.toContain(secret);
    const ids = (name: string): unknown[] =>
      drafts
        .filter(({ kind: one, dir }) => one === name && dir === (name === 'mcp.request' ? 'c2s' : 's2c'))
        .map((one) => one.jsonrpc_request_id);
    // Every request has its answer on record, and no answer is on record twice.
    const requests = ids('mcp.request');
    expect(ids('mcp.response')).toHaveLength(requests.length);
    expect(ids('mcp.response')).toEqual(expect.arrayContaining(requests));
    expect(drafts.filter(({ gen_ai_tool_name: tool, dir }) => tool === 'echo' && dir === 'c2s')).toHaveLength(1);
  });
});
