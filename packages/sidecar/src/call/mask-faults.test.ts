import { afterEach, describe, expect, test } from '@jest/globals';
import { createMasker, type Masker } from '@tachograph/masking';
import type { Logger } from '@tachograph/service';
import { nodeMaskCrypto } from '../masking/node-crypto.ts';
import { post } from '../testing/client.ts';
import { startHarness, type Harness, type HarnessOptions } from '../testing/harness.ts';
import { startUpstream, type Upstream } from '../testing/upstream.ts';

/** Says that a detector goes wrong (`faulty-worker.test-support.ts`), and must not be seen anywhere. */
const raw = 'raw-7cQ2';
const padding = 'x'.repeat(70_000);
const faultyWorker = new URL('../masking/faulty-worker.test-support.ts', import.meta.url);

let upstream: Upstream;
let harness: Harness;
let logged = '';

afterEach(async () => {
  await harness.close();
  await upstream.close();
});

const log: Logger = {
  error: (...line) => void (logged += JSON.stringify(line)),
  warn: (...line) => void (logged += JSON.stringify(line)),
  info: () => undefined,
  debug: () => undefined,
  child: () => log,
};

/** A masker that goes wrong on what holds `word`. */
function failingOn(word: string, fail: (text: string) => never): Masker {
  const masker = createMasker({}, nodeMaskCrypto);
  return {
    ...masker,
    maskJson: (text) => (text.includes(word) ? fail(text) : masker.maskJson(text)),
    maskText: (text) => (text.includes(word) ? fail(text) : masker.maskText(text)),
  };
}

function throwing(text: string): never {
  throw new Error(`detector failed at ${text}`);
}

/** `reply` makes the answer's text; where it is not given the answer holds nothing that could fail. */
async function start(options: Partial<HarnessOptions>, reply = 'fine', type = 'application/json'): Promise<void> {
  logged = '';
  upstream = await startUpstream(({ body }, res) => {
    const { id }: { id?: unknown } = JSON.parse(body === '' ? '{}' : body);
    const message = JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: reply }] } });
    res.writeHead(200, { 'content-type': type });
    res.end(type === 'text/event-stream' ? `data: ${message}\n\n` : type === 'text/plain' ? reply : message);
  });
  harness = await startHarness({ upstream: upstream.url, log, ...options });
}

async function call(text: string): Promise<{ readonly status: number; readonly text: string }> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name: 't', arguments: { text } },
  });
  const response = await post(`${harness.url}/mcp`, body);
  return { status: response.status, text: await response.text() };
}

/** The raw text stands in no record, no log line and no answer. */
function expectNothingRaw(answer: string): void {
  expect(
    `${answer}${logged}${JSON.stringify(harness.recorder.drafts)}${JSON.stringify(harness.recorder.counted)}`,
  ).not.toContain(raw);
}

/** Linear, but more than a text of this length may cost. */
const slowPattern = { id: 'badge', keywords: ['emp'], pattern: 'emp[0-9](?:.{0,200}(?:END|FIN))?' };
const hungry = 'emp1 '.repeat(12_000);

const faults: readonly [string, Partial<HarnessOptions>, string, string][] = [
  ['throws', { masker: failingOn('THROW', throwing) }, `THROW ${raw}`, 'mask_error'],
  ['throws in the masking thread', { maskWorker: faultyWorker }, `THROW ${raw} ${padding}`, 'mask_error'],
  ['ends the masking thread', { maskWorker: faultyWorker }, `CRASH ${raw} ${padding}`, 'mask_crash'],
  [
    'hangs',
    { maskWorker: faultyWorker, environment: { TACHO_MASK_TIMEOUT: '700ms' } },
    `HANG ${raw} ${padding}`,
    'mask_timeout',
  ],
  ['spends its budget', { masking: { patterns: [slowPattern] } }, `${raw} ${hungry}`, 'budget_exceeded'],
];

describe('a detector that', () => {
  test.each(faults)('%s on a request: it is refused, and the record says so', async (_, options, text, reason) => {
    await start(options);
    const answer = await call(text);
    expect(JSON.parse(answer.text)).toMatchObject({
      jsonrpc: '2.0',
      error: { message: expect.stringContaining(reason) },
    });
    expect(upstream.received).toHaveLength(0);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'refused', detail: { detail: reason } });
    expectNothingRaw(answer.text);
  });

  test.each(faults)('%s on an answer: it is withheld, and the record says so', async (_, options, text, reason) => {
    await start(options, text);
    const answer = await call('fine');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ id: 7, error: { message: expect.stringContaining(reason) } });
    expect(harness.recorder.drafts.at(-1)).toMatchObject({
      kind: 'mcp.response',
      outcome: 'withheld',
      detail: { reason },
    });
    expectNothingRaw(answer.text);
  });

  test.each(faults)('%s on an event: it is withheld, and the record says so', async (_, options, text, reason) => {
    await start(options, text, 'text/event-stream');
    const answer = await call('fine');
    expect(answer.text).toContain(`cannot be inspected (${reason})`);
    expect(harness.recorder.drafts).toContainEqual(
      expect.objectContaining({ outcome: 'withheld', detail: expect.objectContaining({ reason }) }),
    );
    expectNothingRaw(answer.text);
  });

  test.each(faults)('%s on a listed page: it is withheld, and the record says so', async (_, options, text, reason) => {
    await start(
      { ...options, environment: { ...options.environment, TACHO_PASSTHROUGH: 'GET /page' } },
      text,
      'text/plain',
    );
    const response = await fetch(`${harness.url}/page`);
    const answer = await response.text();
    expect(answer).toContain(reason);
    expect(harness.recorder.drafts.at(-1)).toMatchObject({ outcome: 'withheld', detail: { reason } });
    expectNothingRaw(answer);
  });
});

describe('a message after one that could not be masked', () => {
  test('is masked in a new thread', async () => {
    await start({ maskWorker: faultyWorker, environment: { TACHO_MASK_TIMEOUT: '700ms' } });
    expect((await call(`HANG ${padding}`)).status).toBe(503);
    // The test's thread answers for rules of its own, so this is refused too, but by a thread that is alive.
    let refused = await call(padding);
    // On a busy machine a new thread may not be up within its limit.
    while (refused.text.includes('mask_timeout')) refused = await call(padding);
    expect(refused.text).toContain('mask_error');
    expect((await call('short')).status).toBe(200);
  });
});
