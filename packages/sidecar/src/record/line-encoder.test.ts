import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { encodeRecord } from '@tachograph/archive';
import { bodyCipher, zeroHash, type RecordDraft } from '@tachograph/protocol';
import fc from 'fast-check';
import { LineEncoder } from './line-encoder.ts';

const stream = '0197a000-0000-7000-8000-000000000000';
const time = '2026-01-02T12:00:00.000Z';
const at = { wallMs: Date.parse(time), monoNs: 5 };

function linesOf(encoder: LineEncoder): string[] {
  return Buffer.from(encoder.buffer.subarray(0, encoder.length)).toString().split('\n').slice(0, -1);
}

function expectedLines(drafts: readonly RecordDraft[]): string[] {
  let prev: string = zeroHash;
  return drafts.map((draft, seq) => {
    const line = encodeRecord({ stream, seq, prev, time, mono_ns: at.monoNs }, draft);
    prev = hash('sha256', line, 'hex');
    return line;
  });
}

const bodies = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.string({ unit: 'binary', maxLength: 50 }).map((text) => text.repeat(1000)),
  fc.nat(600_000).map((length) => '"ä'.repeat(length / 2)),
);

describe('line encoder', () => {
  test('lays down the lines of encodeRecord, whatever the length of their bodies', () => {
    const drafts = fc.array(fc.record({ body: bodies, session: fc.uuid() }, { requiredKeys: [] }), { maxLength: 6 });
    fc.assert(
      fc.property(drafts, (some) => {
        const encoder = new LineEncoder(stream);
        const made = some.map((one): RecordDraft => ({ kind: 'mcp.request', ...one }));
        const placed = made.map((draft) => encoder.add(draft, at));
        const lines = expectedLines(made);
        expect(linesOf(encoder)).toEqual(lines);
        expect(placed.map((line) => line.hash)).toEqual(lines.map((line) => hash('sha256', line, 'hex')));
        expect(placed.map((line) => line.bytes)).toEqual(lines.map((line) => Buffer.byteLength(line) + 1));
      }),
      { numRuns: 60 },
    );
  });

  test('writes a body that was made JSON before as if it were made now', () => {
    fc.assert(
      fc.property(bodies, fc.nat(), (body, cutAt) => {
        const json = Buffer.from(JSON.stringify(body));
        const cut = cutAt % json.length;
        const encoder = new LineEncoder(stream);
        encoder.add({ kind: 'mcp.response', body, bodyJson: [json.subarray(0, cut), json.subarray(cut)] }, at);
        expect(linesOf(encoder)).toEqual(expectedLines([{ kind: 'mcp.response', body }]));
      }),
      { numRuns: 40 },
    );
  });

  test('never writes the JSON of another text: a sealed body, a blob', () => {
    const bodyJson = [Buffer.from('"secret"')];
    const drafts: RecordDraft[] = [
      { kind: 'mcp.response', enc: bodyCipher, body: 'A'.repeat(9000) },
      { kind: 'mcp.response', blob: { sha256: 'b'.repeat(64), size: 300_000 } },
    ];
    const encoder = new LineEncoder(stream);
    for (const draft of drafts) encoder.add({ ...draft, bodyJson }, at);
    expect(linesOf(encoder)).toEqual(expectedLines(drafts));
  });

  test('keeps the chain untouched by a draft that is no JSON', () => {
    const encoder = new LineEncoder(stream);
    const good: RecordDraft = { kind: 'mcp.request', body: 'x'.repeat(9000) };
    encoder.add(good, at);
    expect(() => encoder.add({ ...good, detail: { count: 1n } }, at)).toThrow(TypeError);
    encoder.add(good, at);
    expect(linesOf(encoder)).toEqual(expectedLines([good, good]));
  });
});
