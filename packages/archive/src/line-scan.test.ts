import { describe, expect, test } from '@jest/globals';
import { decodeUtf8, parseRecord, type RecordDraft, type StoredRecord } from '@tachograph/protocol';
import * as fc from 'fast-check';
import { utf8 } from './bytes.ts';
import { encodeRecord } from './encode-record.ts';
import { createLineScan, timeOfScanned } from './line-scan.ts';

const stream = '01932b00-0000-7000-8000-000000000001';
const prev = 'ab'.repeat(32);
const seq = 7;
const scan = createLineScan(stream);

function lineOf(draft: RecordDraft): string {
  return encodeRecord({ stream, seq, prev, time: '2026-11-21T12:00:00.000Z', mono_ns: 12 }, draft);
}

function parse(bytes: Uint8Array): StoredRecord | undefined {
  const text = decodeUtf8(bytes);
  return text === undefined ? undefined : parseRecord(text);
}

/** What the scan accepts, a parser must read alike. */
function expectAlike(bytes: Uint8Array): boolean {
  const scanned = scan(bytes, seq, prev);
  if (scanned === undefined) return false;
  const record = parse(bytes);
  expect(record).toMatchObject({ v: 1, stream, seq, prev, kind: scanned.kind });
  expect(record?.time).toBe(timeOfScanned(bytes, seq));
  expect(record?.session).toBe(scanned.session);
  expect(record?.blob).toBeUndefined();
  return true;
}

const drafts: readonly RecordDraft[] = [
  { kind: 'heartbeat', detail: { spool_bytes: 1, unarchived_segments: 0 } },
  { kind: 'session.open', session: 's1', principal: { iss: 'i', sub: 'alice', type: 'human', groups: ['a', 'b'] } },
  { kind: 'mcp.request', session: 's1', dir: 'c2s', body: '{"id":7,"text":"a\\"b\\\\ \u00e9\u2028\ud800"}' },
  { kind: 'mcp.response', session: 's2', http: { status: 200, duration_ms: 1.25, headers: {} }, body: '' },
  { kind: 'http.exchange', detail: { reason: 'none', list: [[], [1, -2.5e3, null, true, false]] } },
];

describe('a line that the recorder wrote', () => {
  test.each(drafts.map((draft) => [draft.kind, draft] as const))('%s is scanned and not parsed', (_kind, draft) => {
    expect(expectAlike(utf8(lineOf(draft)))).toBe(true);
  });

  test.each([
    ['its detail matters', lineOf({ kind: 'gap', detail: { cause: 'calls_refused' } })],
    ['it names a blob', lineOf({ kind: 'mcp.response', blob: { sha256: prev, size: 3 } })],
    ['it is of a later version', lineOf({ kind: 'heartbeat' }).replace('"v":1', '"v":2')],
    ['a field stands twice', lineOf({ kind: 'heartbeat' }).replace(/\}$/, ',"seq":9}')],
    ['a field stands twice in disguise', lineOf({ kind: 'heartbeat' }).replace(/\}$/, ',"se\\u0071":9}')],
    ['its session has an escape', lineOf({ kind: 'mcp.request', session: 's"1' })],
  ])('is parsed when %s', (_why, line) => {
    expect(scan(utf8(line), seq, prev)).toBeUndefined();
  });

  test('is not taken at another place of the chain', () => {
    const line = utf8(lineOf({ kind: 'heartbeat' }));
    expect(scan(line, 8, prev)).toBeUndefined();
    expect(scan(line, seq, 'ac'.repeat(32))).toBeUndefined();
    expect(createLineScan('"x')(line, seq, prev)).toBeUndefined();
  });
});

describe('whatever the scan accepts is read alike by the parser', () => {
  const lines = drafts.map((draft) => utf8(lineOf(draft)));

  test('for any body and detail', () => {
    const json = fc.jsonValue();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), json, (body, value) => {
        const line = utf8(lineOf({ kind: 'mcp.request', session: 's1', body, detail: { value } }));
        expect(expectAlike(line)).toBe(true);
      }),
    );
  });

  test('for any altered, inserted or removed byte', () => {
    const structure = '"\\{}[],:0-.eE tu\u0000\n';
    const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...utf8(structure)));
    const edit = fc.record({ at: fc.nat(), byte, remove: fc.nat(2), insert: fc.boolean() });
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.array(edit, { minLength: 1, maxLength: 3 }), (line, edits) => {
        const bytes = [...line];
        for (const { at, byte: value, remove, insert } of edits) {
          bytes.splice(at % bytes.length, remove, ...(insert ? [value] : []));
        }
        if (expectAlike(Uint8Array.from(bytes))) accepted += 1;
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('however deep it is nested', () => {
    for (const depth of [10, 63, 64, 65, 1000]) {
      const line = lineOf({ kind: 'heartbeat' }).replace(/\}$/, `,"x":${'['.repeat(depth)}${']'.repeat(depth)}}`);
      expect(expectAlike(utf8(line))).toBe(depth < 64);
    }
  });
});
