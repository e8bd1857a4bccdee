import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseRecord, type RecordDraft, zeroHash } from '@tachograph/protocol';
import { utf8 } from './bytes.ts';
import { encodeRecord } from './encode-record.ts';
import { hashLine, signHead } from './head.ts';
import { checkSegment, type SegmentExpectation } from './segment.ts';
import { createSessionRoot } from './session-root.ts';
import { createTestKey, nodeCrypto as crypto } from './testing/node-crypto.ts';

const stream = '01932b00-0000-7000-8000-000000000001';
const key = createTestKey();

const drafts: readonly RecordDraft[] = [
  { kind: 'stream.open', detail: { cluster: 'demo' } },
  { kind: 'session.open', session: 's1' },
  { kind: 'mcp.request', session: 's1', dir: 'c2s', jsonrpc_request_id: '7', body: '{"jsonrpc":"2.0","id":7}' },
  { kind: 'mcp.response', session: 's1', dir: 's2c', outcome: 'answered', body: 'line\nbreak \u2028 \ud800' },
  { kind: 'heartbeat' },
  { kind: 'session.close', session: 's1', detail: { closed: 'delete' } },
];

/** Lines of a stream, and the hash of each. */
function write(
  list: readonly RecordDraft[],
  firstSeq = 0,
  firstPrev = zeroHash,
): { lines: string[]; hashes: string[] } {
  const lines: string[] = [];
  const hashes: string[] = [];
  for (const [i, draft] of list.entries()) {
    const prev = hashes.at(-1) ?? firstPrev;
    const envelope = { stream, seq: firstSeq + i, prev, time: '2026-11-21T12:00:00.000Z', mono_ns: i };
    const line = encodeRecord(envelope, draft);
    lines.push(line);
    hashes.push(hashLine(crypto, utf8(line)));
  }
  return { lines, hashes };
}

const good = write(drafts);
const last = drafts.length - 1;

function expectation(signedSeq = last): SegmentExpectation {
  const hash = good.hashes[signedSeq] ?? '';
  const sig = signHead({ stream, seq: signedSeq, hash }, key.sign);
  return { stream, publicKey: key.publicKey, signedSeq, sig, first: 0, last };
}

function join(lines: readonly string[]): Uint8Array {
  return utf8(lines.map((line) => `${line}\n`).join(''));
}

function root(hashes: readonly string[]): string {
  const session = createSessionRoot(crypto);
  for (const hash of hashes) session.append(hash);
  return session.root();
}

/** The chain holds by hashes, but seq 2 does not exist. */
function skipSeq(): string[] {
  const head = write(drafts.slice(0, 2));
  return [...head.lines, ...write(drafts.slice(3), 3, head.hashes[1]).lines];
}

describe('a record', () => {
  test('is one line whose keys stand in a fixed order', () => {
    const line = encodeRecord(
      { stream, seq: 3, prev: zeroHash, time: '2026-11-21T12:00:00.000Z', mono_ns: 9 },
      { body: 'b', kind: 'mcp.request', session: 's"1', exchange: 2 },
    );
    expect(line).toBe(
      `{"v":1,"stream":"${stream}","seq":3,"prev":"${zeroHash}","time":"2026-11-21T12:00:00.000Z","mono_ns":9,` +
        '"kind":"mcp.request","session":"s\\"1","exchange":2,"body":"b"}',
    );
  });

  test('keeps any body and detail, on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (body, value) => {
        const draft: RecordDraft = { kind: 'mcp.request', body, detail: { value } };
        const line = encodeRecord({ stream, seq: 0, prev: zeroHash, time: 't', mono_ns: 0 }, draft);
        const back = parseRecord(line);
        expect(line).not.toContain('\n');
        expect(back?.body).toBe(body);
        expect(JSON.stringify(back?.detail)).toBe(JSON.stringify({ value }));
      }),
    );
  });
});

describe('a segment', () => {
  test('holds as written', () => {
    const seen: number[] = [];
    const onRecord: SegmentExpectation['onRecord'] = (record, _hash, line) => seen.push(record.seq, line);
    expect(checkSegment(crypto, join(good.lines), { ...expectation(), onRecord })).toMatchObject({
      kind: 'ok',
      firstPrev: zeroHash,
      lastHash: good.hashes[last],
      unsignedTail: 0,
      sessionsClosed: [{ lineHash: good.hashes[last] }],
      streamClosed: false,
    });
    expect(seen).toEqual(good.lines.flatMap((_, i) => [i, i + 1]));
  });

  test('counts lines after the last signed one', () => {
    expect(checkSegment(crypto, join(good.lines), expectation(3))).toMatchObject({ kind: 'ok', unsignedTail: 2 });
  });

  test('may be wholly unsigned when the head before it is signed', () => {
    const tail = write(drafts.slice(2), 2, good.hashes[1]);
    const check = { ...expectation(1), first: 2, last: last };
    expect(checkSegment(crypto, join(tail.lines), check)).toMatchObject({ kind: 'ok', unsignedTail: 4 });
    const elsewhere = { ...check, signedSeq: 0 };
    expect(checkSegment(crypto, join(tail.lines), elsewhere)).toMatchObject({ kind: 'broken', line: 1 });
  });

  test.each([
    ['a torn last line', () => join(good.lines).slice(0, -9), 6],
    ['a missing newline', () => join(good.lines).slice(0, -1), 6],
    ['a removed line', () => join(good.lines.toSpliced(2, 1)), 3],
    ['a duplicated line', () => join(good.lines.toSpliced(2, 0, good.lines[2] ?? '')), 4],
    ['swapped lines', () => join(good.lines.with(2, good.lines[3] ?? '').with(3, good.lines[2] ?? '')), 3],
    ['a removed last line', () => join(good.lines.slice(0, -1)), 0],
    ['nothing', () => new Uint8Array(), 0],
    ['a skipped seq', () => join(skipSeq()), 3],
    ['an empty line', () => utf8('\n'), 1],
    ['bytes that are no UTF-8', () => Uint8Array.of(0xff, 0x0a), 1],
    ['another stream', () => join(good.lines.map((line) => line.replace(stream, stream.replace('1', '2')))), 1],
    ['a blob that names nothing', () => join(write([{ ...drafts[0], blob: null } as never]).lines), 1],
  ])('is broken by %s, at the line', (_name, bytes, line) => {
    expect(checkSegment(crypto, bytes(), expectation())).toMatchObject({ kind: 'broken', line });
  });

  test('is broken by a chain that does not continue the one before', () => {
    const tail = write(drafts.slice(2), 2, good.hashes[0]);
    const check = { ...expectation(), first: 2, firstPrev: good.hashes[1] ?? '' };
    expect(checkSegment(crypto, join(tail.lines), check)).toMatchObject({ kind: 'broken', line: 1 });
  });

  test('is broken at the line after an altered one, or at it', () => {
    fc.assert(
      fc.property(fc.nat(), (pick) => {
        const bytes = join(good.lines);
        const bit = pick % (bytes.length * 8);
        const hurtLine = 1 + bytes.subarray(0, bit >> 3).filter((byte) => byte === 0x0a).length;
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const check = checkSegment(crypto, bytes, expectation());
        expect(check.kind).toBe('broken');
        expect([hurtLine, hurtLine + 1]).toContain(check.kind === 'broken' ? check.line : -1);
      }),
      { numRuns: 1000 },
    );
  });

  test('is broken by a signature of another key', () => {
    const { publicKey } = createTestKey();
    expect(checkSegment(crypto, join(good.lines), { ...expectation(), publicKey })).toMatchObject({ kind: 'broken' });
  });

  test('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(checkSegment(crypto, bytes, expectation()).kind).toBe('broken');
      }),
    );
  });
});

describe('a session root', () => {
  test('depends on every line hash and their order', () => {
    const whole = root(good.hashes);
    expect(new Set([whole, root(good.hashes.toReversed()), root(good.hashes.slice(1)), root([])]).size).toBe(4);
  });
});
