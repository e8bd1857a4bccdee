import { createHmac } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { objectNames } from '@tachograph/protocol';
import { secretNames } from '../keys/secret-names.ts';
import { statePaths } from '../state/state-files.ts';
import { newInstallation, until, type Installation } from '../testing/installation.ts';
import { startSinkReceiver, type Behaviour, type SinkReceiver } from '../testing/sink-receiver.ts';
import { TestStream, uuidOf } from '../testing/test-stream.ts';

const secret = 'whsec-test';
let installation: Installation;
const receivers: SinkReceiver[] = [];
afterEach(async () => {
  await installation.close();
  for (const one of receivers.splice(0)) await one.close();
});

async function receiver(behaviour?: (request: number) => Behaviour): Promise<SinkReceiver> {
  const started = await startSinkReceiver(behaviour);
  receivers.push(started);
  return started;
}

async function start(environment: Readonly<Record<string, string>>): Promise<void> {
  installation = await newInstallation({ environment: { TACHO_SINK_POLL: '20ms', ...environment } });
  await installation.startSequencer();
  await installation.leading();
  await installation.startController();
}

async function webhookTo(at: SinkReceiver, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const scratch = await newInstallation();
  const secretFile = join(scratch.dir, 'secret');
  await writeFile(secretFile, `${secret}\n`);
  await start({ TACHO_SINK_WEBHOOK_URL: at.url, TACHO_SINK_WEBHOOK_SECRET_FILE: secretFile, ...more });
  const close = installation.close.bind(installation);
  installation.close = async () => {
    await close();
    await rm(scratch.dir, { recursive: true, force: true });
  };
}

/** Ships one segment with a session; the ids of its records. */
async function record(stream: TestStream, session: number, isFirst = false): Promise<readonly string[]> {
  const sidecar = await installation.enrol('store');
  if (isFirst) await sidecar.open(stream.opening);
  stream.appendSession(uuidOf(session));
  const segment = stream.seal();
  await until('archived', async () => ((await sidecar.putSegment(segment)).status === 200 ? true : undefined));
  const length = segment.last - segment.first + 1;
  return Array.from({ length }, (_, i) => `${stream.stream}:${segment.first + i}`);
}

interface Event {
  readonly id: string;
  readonly type: string;
  readonly body?: string;
  readonly place: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

function eventsOf({ kept }: SinkReceiver): readonly Event[] {
  return kept.flatMap(({ body }) => (JSON.parse(body) as { readonly events: readonly Event[] }).events);
}

async function received(at: SinkReceiver, ids: readonly string[]): Promise<readonly string[]> {
  return until('all events', () => {
    const found = new Set(eventsOf(at).map(({ id }) => id));
    return ids.every((id) => found.has(id)) ? [...found] : undefined;
  });
}

describe('the webhook', () => {
  test('gets every record and leaf of the archive, signed, without bodies', async () => {
    const at = await receiver();
    await webhookTo(at);
    const stream = new TestStream({ stream: uuidOf(1) });
    const ids = await record(stream, 7, true);
    await received(at, ids);
    const events = eventsOf(at);
    const request = events.find(({ type }) => type === 'mcp.request');
    expect(request).toMatchObject({
      place: { cluster: 'test', namespace: 'demo', workload: 'store' },
      facts: {
        stream: stream.stream,
        session: uuidOf(7),
        line_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      },
    });
    expect(events.filter(({ body }) => body !== undefined)).toEqual([]);
    expect(events.map(({ type }) => type)).toContain('stream.open');
    for (const { headers, body } of at.kept) {
      const timestamp = String(headers['tacho-timestamp']);
      const expected = createHmac('sha256', secret).update(`v1:${timestamp}:${body}`).digest('hex');
      expect(headers['tacho-signature']).toBe(`v1=${expected}`);
    }
  });

  test('gets masked bodies where the installation asks for it', async () => {
    const at = await receiver();
    await webhookTo(at, { TACHO_SINK_BODIES: '1' });
    await received(at, await record(new TestStream({ stream: uuidOf(1) }), 7, true));
    expect(eventsOf(at).find(({ type }) => type === 'mcp.request')?.body).toBe('{}');
  });

  test('gets all of it in the end: outage, 429, dropped answers and a restart in the middle', async () => {
    const told: readonly Behaviour[] = [
      'reset',
      { status: 429, headers: { 'retry-after': '0' } },
      'take',
      'reset-after',
    ];
    let isDown = false;
    const at = await receiver((request) => (isDown ? { status: 503 } : (told[request] ?? 'take')));
    await webhookTo(at);
    const stream = new TestStream({ stream: uuidOf(1) });
    const ids = [...(await record(stream, 1, true)), ...(await record(stream, 2))];
    await received(at, ids);
    isDown = true;
    ids.push(...(await record(stream, 3)));
    const before = at.requests;
    await until('a refused delivery', () => (at.requests > before ? true : undefined));
    await installation.controllers.pop()?.close();
    isDown = false;
    await installation.startController();
    ids.push(...(await record(stream, 4)));
    const found = await received(at, ids);
    const sent = found.filter((id) => id.startsWith(stream.stream));
    expect(sent.toSorted()).toEqual(ids.toSorted());
    // Leaves too: what the log holds, but segments and heads, each under its index.
    const leaves = await installation.leaves();
    const expected = leaves.flatMap(({ type }, i) =>
      type === 'segment' || type === 'stream.heads' ? [] : [`log:${i}`],
    );
    await received(at, expected);
  });

  test('begins now where the installation asks for that', async () => {
    const at = await receiver();
    await webhookTo(at, { TACHO_SINK_FROM: 'now' });
    await until(
      'the cursor',
      async () =>
        (await readFile(statePaths.secret(installation.state, secretNames.sinkWebhook)).catch(() => undefined)) ??
        undefined,
    );
    await received(at, await record(new TestStream({ stream: uuidOf(1) }), 7, true));
    const types = eventsOf(at).map(({ type }) => type);
    expect(types).toContain('stream.open');
    expect(types).not.toContain('key.log');
  });

  test('is told of what cannot be sent', async () => {
    let isDown = true;
    const at = await receiver(() => (isDown ? { status: 503, headers: { 'retry-after': '1' } } : 'take'));
    await webhookTo(at);
    const stream = new TestStream({ stream: uuidOf(1) });
    await record(stream, 1, true);
    await record(stream, 2);
    const [, second = ''] = await installation.names('v1/records/');
    await rm(join(installation.dir, 'bucket', second));
    isDown = false;
    const unsent = await until('the statement', () => eventsOf(at).find(({ type }) => type === 'sink.unsent'));
    expect(unsent.facts).toMatchObject({ reason: 'absent', object: second, stream: stream.stream });
  });
});

describe('OTLP', () => {
  interface LogRecord {
    readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
    readonly timeUnixNano: string;
    readonly eventName: string;
  }
  interface Logs {
    readonly resourceLogs: readonly { readonly scopeLogs: readonly { readonly logRecords: readonly LogRecord[] }[] }[];
  }

  function idOf({ attributes }: LogRecord): string | undefined {
    return attributes.find(({ key }) => key === 'log.record.uid')?.value.stringValue;
  }

  function logRecords({ kept }: SinkReceiver): readonly LogRecord[] {
    return kept.flatMap(({ body }) =>
      (JSON.parse(body) as Logs).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((one) => one.logRecords)),
    );
  }

  test('a collector gets log records at /v1/logs with ids to tell duplicates by', async () => {
    const at = await receiver();
    await start({ TACHO_SINK_OTLP_URL: at.url });
    const stream = new TestStream({ stream: uuidOf(1) });
    const ids = await record(stream, 7, true);
    await until('all records', () =>
      ids.every((id) => logRecords(at).some((one) => idOf(one) === id)) ? true : undefined,
    );
    expect(at.kept[0]?.path).toBe('/v1/logs');
    expect(logRecords(at).find(({ eventName }) => eventName === 'tachograph.mcp.request')).toMatchObject({
      timeUnixNano: `${Date.parse('2026-11-21T10:00:00.000Z')}000000`,
      severityNumber: 9,
    });
    expect(at.kept.some(({ body }) => body.includes('"k8s.cluster.name"'))).toBe(true);
  });

  test('what the receiver threw away is counted, never sent again, and the lag is told', async () => {
    const at = await receiver((request) =>
      request === 0 ? { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"2"}}' } : 'take',
    );
    await start({ TACHO_SINK_OTLP_URL: at.url });
    await record(new TestStream({ stream: uuidOf(1) }), 1, true);
    const adminPort = installation.controllers[0]?.adminPort ?? 0;
    const metrics = await until('the metrics', async () => {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      return /sink_lag_leaves\{sink="otlp"\} 0/.test(text) ? text : undefined;
    });
    expect(metrics).toContain('tachograph_sink_rejected_total{sink="otlp"} 2');
    expect(metrics).toContain('tachograph_sink_lag_seconds{sink="otlp"} 0');
    const ids = logRecords(at).map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a later controller begins where the first ended', async () => {
    const at = await receiver();
    await start({ TACHO_SINK_OTLP_URL: at.url });
    const stream = new TestStream({ stream: uuidOf(1) });
    await record(stream, 1, true);
    const adminPort = installation.controllers[0]?.adminPort ?? 0;
    // Taken, and known to be: what is cut off on the way comes again.
    await until('the first events', async () => {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      const [, sent] = /sink_events_total\{sink="otlp"\} (\d+)/.exec(text) ?? [];
      return Number(sent) > 5 && Number(sent) === logRecords(at).length ? true : undefined;
    });
    await installation.controllers.pop()?.close();
    const before = logRecords(at).length;
    const openings = (): number =>
      logRecords(at).filter(({ eventName }) => eventName === 'tachograph.stream.open').length;
    const opened = openings();
    await installation.startController();
    await record(stream, 2);
    await until('more', () => (logRecords(at).length > before ? true : undefined));
    expect(openings()).toBe(opened);
    expect(await installation.names(objectNames.batch(0))).toHaveLength(1);
  });
});
