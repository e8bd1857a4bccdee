import { describe, expect, test } from '@jest/globals';
import type { Leaf, StoredRecord } from '@tachograph/protocol';
import { severityOf, toLeafEvent, toRecordEvent } from './sink-event.ts';
import { toOtlp } from './otlp.ts';

const hash = 'a'.repeat(64);
const record = {
  v: 1,
  stream: 's',
  seq: 4,
  prev: hash,
  time: '2026-11-21T10:00:00.123Z',
  mono_ns: 5,
  kind: 'mcp.request',
  gen_ai_tool_name: 'read_file',
  traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  raw_hmac: 'secret-digest',
  body: 'planted-body',
  decision: { verdict: 'deny', rule: 'r' },
  body_of_later: 'planted-later',
} as const satisfies StoredRecord & { readonly body_of_later: string };
const at = { hash, place: { namespace: 'n' } };

function attribute(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

describe('a record', () => {
  test('is sent without its body, and without a field that nobody knows', () => {
    const text = JSON.stringify(toRecordEvent(record, { ...at, bodies: false }));
    expect(text).not.toMatch(/planted|secret-digest/);
    expect(text).toContain('read_file');
  });

  test('is sent with its body where the installation asks for it', () => {
    expect(toRecordEvent(record, { ...at, bodies: true })).toMatchObject({ id: 's:4', body: 'planted-body' });
  });

  test('is sent without a body that is sealed by its session’s key', () => {
    const event = toRecordEvent({ ...record, enc: 'A256GCM' }, { ...at, bodies: true });
    expect(JSON.stringify(event)).not.toContain('planted');
    expect(event.facts).toMatchObject({ enc: 'A256GCM' });
  });

  test('with a long detail says that it was left out', () => {
    const detail = { requests: 'x'.repeat(5000) };
    expect(toRecordEvent({ ...record, detail }, { ...at, bodies: false }).facts).toMatchObject({
      detail_omitted: true,
    });
  });

  test('is a log record of OTLP with its own id, trace and nested names', () => {
    const event = toRecordEvent({ ...record, outcome: 'denied' }, { ...at, bodies: false });
    const [logs] = (JSON.parse(toOtlp([event], '2026-11-21T10:00:01Z')) as { readonly resourceLogs: readonly object[] })
      .resourceLogs;
    expect(logs).toMatchObject({
      resource: { attributes: expect.arrayContaining([attribute('k8s.namespace.name', 'n')]) as unknown },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '1795255200123000000',
              observedTimeUnixNano: '1795255201000000000',
              severityText: 'WARN',
              traceId: '1'.repeat(32),
              spanId: '2'.repeat(16),
              attributes: expect.arrayContaining([
                attribute('log.record.uid', 's:4'),
                attribute('gen_ai.tool.name', 'read_file'),
                attribute('tachograph.decision.verdict', 'deny'),
                { key: 'tachograph.seq', value: { intValue: '4' } },
              ]) as unknown,
            },
          ],
        },
      ],
    });
  });
});

describe('a leaf', () => {
  const purge: Leaf = {
    v: 1,
    type: 'purge',
    purge: 'p',
    objects: [{ object: 'a', generation: '1' }],
    part: 1,
    parts: 1,
    before: 't',
    at: '2026-11-21T10:00:00Z',
  };

  test('has the number of its objects, not their names', () => {
    expect(toLeafEvent(purge, 9)).toMatchObject({ id: 'log:9', type: 'purge', facts: { object_count: 1, purge: 'p' } });
    expect(JSON.stringify(toLeafEvent(purge, 9))).not.toContain('generation');
  });

  test('of heads is not sent: it says nothing that records do not', () => {
    expect(toLeafEvent({ v: 1, type: 'stream.heads', heads: [], at: 't' }, 1)).toBeUndefined();
  });

  test('that states a loss is an error', () => {
    expect(severityOf({ id: 'x', type: 'stream.lost', time: 't', place: {}, facts: {} }).text).toBe('ERROR');
  });
});
