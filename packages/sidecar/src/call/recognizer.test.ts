import { afterEach, describe, expect, test } from '@jest/globals';
import { post } from '../testing/client.ts';
import { startHarness, type Harness } from '../testing/harness.ts';
import { answerJson, startUpstream, type Upstream } from '../testing/upstream.ts';

let analyzer: Upstream;
let upstream: Upstream;
let harness: Harness;

afterEach(async () => {
  await Promise.all([harness.close(), upstream.close(), analyzer.close()]);
});

/** `status`: what the analyzer answers with; 0: nothing at all. */
async function start(status: number, padding = ''): Promise<void> {
  analyzer = await startUpstream(({ body }, res) => {
    const { text }: { text: string } = JSON.parse(body);
    const found = [...text.matchAll(/Ann Lee/g)].map(({ index }) => ({
      entity_type: 'PERSON',
      // Python counts code points.
      start: Array.from(text.slice(0, index)).length,
      end: Array.from(text.slice(0, index)).length + 7,
      score: 0.85,
    }));
    if (status > 0) res.writeHead(status).end(JSON.stringify(found));
  });
  upstream = await startUpstream(answerJson({ content: [{ type: 'text', text: `😀 signed by Ann Lee ${padding}` }] }));
  const masking = { recognizer: { url: analyzer.url, timeoutMs: 400 } };
  harness = await startHarness({ upstream: upstream.url, masking });
}

async function call(text: string): Promise<string> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 't', arguments: { text } },
  });
  return (await post(`${harness.url}/mcp`, body)).text();
}

describe('a declared recognizer', () => {
  test.each([
    ['short', ''],
    ['long', 'x'.repeat(70_000)],
  ])('has names masked in %s answers, and in the record of requests', async (_, padding) => {
    await start(200, padding);
    expect(await call(`for Ann Lee ${padding}`)).toContain(`😀 signed by [REDACTED:recognized-person] ${padding}`);
    expect(upstream.received[0]?.body).toContain('for Ann Lee');
    const drafts = JSON.stringify(harness.recorder.drafts);
    expect(drafts).toContain('for [REDACTED:recognized-person]');
    expect(drafts).not.toContain('Ann Lee');
  });

  test.each([
    ['answers with an error', 500],
    ['does not answer', 0],
  ])('that %s has the call refused, and the record says so', async (_, status) => {
    await start(status);
    expect(JSON.parse(await call('for Ann Lee'))).toMatchObject({
      error: { code: 1503, message: expect.stringContaining('recognizer_failed') },
    });
    expect(upstream.received).toHaveLength(0);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({
      outcome: 'refused',
      detail: { reason: 'masking', detail: 'recognizer_failed' },
    });
    expect(JSON.stringify(harness.recorder.drafts)).not.toContain('Ann Lee');
  });
});
