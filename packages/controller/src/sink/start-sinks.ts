/** The sinks of an installation: what each sends, in which form, and how far it is. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock, Logger, Metrics } from '@tachograph/service';
import type { ObjectStore } from '@tachograph/store';
import { signedHeaders } from '../approvals/webhook.ts';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets, Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import type { LogPort } from '../sequencer/log-port.ts';
import { parseObject } from '../state/state-json.ts';
import { toOtlp } from './otlp.ts';
import type { SinkRequest } from './post.ts';
import { readEvents, type ReadEventsOptions } from './read-events.ts';
import { createSinkCursor, type SinkPosition } from './sink-cursor.ts';
import type { SinkEvent, StreamPlace } from './sink-event.ts';
import { createSinkPump, type SinkPump, type SinkWatch } from './sink-pump.ts';
import type { SinkSettings } from './sink-settings.ts';

export interface StartSinksOptions {
  readonly cluster: string;
  readonly settings: SinkSettings;
  readonly store: ObjectStore;
  readonly sequencer: Pick<LogPort, 'status' | 'stream'>;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Pause after a first failure. Default 1000. */
  readonly firstPauseMs?: number;
}

/** Secrets that hold the cursors. */
const sinkCursorNames = { otlp: secretNames.sinkOtlp, webhook: secretNames.sinkWebhook } as const;

type SinkName = keyof typeof sinkCursorNames;

interface Form {
  readonly name: SinkName;
  readonly encode: (events: readonly SinkEvent[]) => Promise<SinkRequest>;
  readonly rejectedIn: (answer: string) => number;
}

const measureEveryMs = 2000;
const mostPlaces = 10_000;

/** Nothing where no sink is set. The answer stops all of them, after what is under way. */
export function startSinks(options: StartSinksOptions): () => Promise<void> {
  const forms = formsOf(options);
  if (forms.length === 0) return async () => undefined;
  const meters = createMeters(options);
  const running = forms.map((form) => startSink(options, form, meters));
  return async () => {
    await Promise.all(running.map(async (stop) => stop()));
  };
}

function formsOf({ settings, cluster, clock }: StartSinksOptions): readonly Form[] {
  const { otlp, webhook } = settings;
  const sentAt = (): string => new Date(clock.nowMs()).toISOString();
  const forms: Form[] = [];
  if (otlp !== undefined) {
    forms.push({
      name: 'otlp',
      encode: async (events) => ({
        url: otlp.url,
        headers: otlp.headersFile === undefined ? {} : parseHeaders(await readFile(otlp.headersFile, 'utf8')),
        body: toOtlp(events, sentAt()),
      }),
      rejectedIn: rejectedLogRecords,
    });
  }
  if (webhook !== undefined) {
    forms.push({
      name: 'webhook',
      encode: async (events) => {
        const body = JSON.stringify({ v: 1, cluster, sentAt: sentAt(), events });
        const secret = (await readFile(webhook.secretFile, 'utf8')).trim();
        return { url: webhook.url, body, headers: signedHeaders(secret, body, clock.nowMs()) };
      },
      rejectedIn: () => 0,
    });
  }
  return forms;
}

/** Lines of `name: value`; empty lines and `#` comments are passed over. */
function parseHeaders(text: string): Readonly<Record<string, string>> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value] = /^\s*([A-Za-z0-9-]+)\s*:\s*(\S.*?)\s*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}

/** OTLP's partial success: those records must not be sent again. */
function rejectedLogRecords(answer: string): number {
  const partial = parseObject(answer)?.['partialSuccess'];
  const rejected = typeof partial === 'object' && partial !== null ? Reflect.get(partial, 'rejectedLogRecords') : 0;
  const count = Number(rejected);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

interface Meters {
  watch(name: SinkName): SinkWatch;
  /** Where each sink stands that this replica feeds. */
  readonly places: Map<SinkName, { readonly index: number; readonly oldestMs: number | undefined }>;
  measure(size: number): void;
}

function createMeters({ metrics, clock }: StartSinksOptions): Meters {
  const sent = metrics.counter('sink_events_total', 'Events that a receiver took', ['sink']);
  const failures = metrics.counter('sink_failures_total', 'Requests that no receiver took', ['sink']);
  const rejected = metrics.counter('sink_rejected_total', 'Events that a receiver took and threw away', ['sink']);
  const lag = metrics.gauge('sink_lag_leaves', 'Leaves of the log that a sink has not delivered', ['sink']);
  const age = metrics.gauge('sink_lag_seconds', 'Age of the oldest event that waits for a receiver', ['sink']);
  const places: Meters['places'] = new Map();
  return {
    places,
    watch: (name) => ({
      sent: (events) => sent.labels(name).inc(events),
      failed: () => failures.labels(name).inc(),
      rejected: (events) => rejected.labels(name).inc(events),
      stands(at) {
        if (at !== undefined) return void places.set(name, at);
        // Only the replica that delivers speaks of lag.
        places.delete(name);
        lag.remove(name);
        return age.remove(name);
      },
    }),
    measure(size) {
      for (const [name, { index, oldestMs }] of places) {
        lag.labels(name).set(Math.max(0, size - index));
        age.labels(name).set(oldestMs === undefined ? 0 : Math.max(0, (clock.nowMs() - oldestMs) / 1000));
      }
    },
  };
}

function startSink(options: StartSinksOptions, form: Form, meters: Meters): () => Promise<void> {
  const { secrets, clock, timers, settings, sequencer } = options;
  const log = options.log.child({ sink: form.name });
  const reading: ReadEventsOptions = {
    store: options.store,
    bodies: settings.bodies,
    vkey: async () => (await sequencer.status()).vkey,
    placeOf: createPlaces(sequencer),
  };
  const pump: SinkPump = createSinkPump({
    ...options,
    ...form,
    log,
    cursor: createSinkCursor({ secrets, name: sinkCursorNames[form.name], holder: randomUUID(), clock }),
    start: async () => startOf(settings, sequencer),
    events: (from) => readEvents(reading, from),
    watch: meters.watch(form.name),
  });
  const stopRuns = every({ timers, log, name: `sink ${form.name}` }, settings.pollMs, async () => pump.run());
  const stopMeter = every({ timers, log, name: 'sink lag' }, measureEveryMs, async () =>
    meters.measure((await sequencer.status()).size),
  );
  return async () => {
    stopRuns();
    stopMeter();
    await pump.close();
  };
}

async function startOf({ from }: SinkSettings, sequencer: StartSinksOptions['sequencer']): Promise<SinkPosition> {
  const index = from === 'start' ? 0 : (await sequencer.status()).size;
  return { batch: index, index, lines: 0 };
}

/** Streams are few beside their segments; the oldest is forgotten first. */
function createPlaces(sequencer: Pick<LogPort, 'stream'>): (stream: string) => Promise<StreamPlace | undefined> {
  const known = new Map<string, StreamPlace>();
  return async (stream) => {
    const found = known.get(stream) ?? (await sequencer.stream({ stream }))?.open;
    if (found === undefined || known.has(stream)) return found;
    const [oldest] = known.keys();
    if (known.size >= mostPlaces && oldest !== undefined) known.delete(oldest);
    const { cluster, namespace, workload, pod } = found;
    known.set(stream, { cluster, namespace, workload, pod });
    return known.get(stream);
  };
}
