import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSseEvent, SseDecoder, withSseData, type SseEvent } from './sse.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** Feeds the bytes in pieces of the given lengths. */
function read(bytes: Uint8Array, cuts: readonly number[] = []): { readonly events: SseEvent[]; readonly rest: string } {
  const decoder = new SseDecoder();
  const events: SseEvent[] = [];
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    const pushed = decoder.push(bytes.subarray(at, at + cut));
    if (pushed === 'overflow') throw new Error('overflow');
    events.push(...pushed);
    at += cut;
  }
  return { events, rest: decode(decoder.end()) };
}

const told = ({ data, event, id, comments }: SseEvent): unknown => ({ data, event, id, comments });

describe('an event stream', () => {
  const line = fc.oneof(
    fc.constantFrom('data: {"a":1}', 'data:', 'id: 7', 'event: x', ': comment', 'retry: 5', 'data', 'x: y', ''),
    fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
  );
  const stream = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 30 })
    .map((lines) => lines.map((pair) => pair.join('')).join(''));

  test('keeps every byte, wherever it is cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 0, max: 9 })), (text, cuts) => {
        const { events, rest } = read(encode(text), cuts);
        expect(events.map(({ raw }) => decode(raw)).join('') + rest).toBe(text);
      }),
    );
  });

  test('says the same, wherever it is cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 0, max: 9 })), (text, cuts) => {
        // A cut after CR leaves its LF to the next event: bytes, not meaning.
        const whole = read(encode(text)).events.map(told);
        expect(read(encode(text), cuts).events.map(told)).toEqual(whole);
      }),
    );
  });

  test.each([
    ['LF', 'id: 1\ndata: a\n\n'],
    ['CRLF', 'id: 1\r\ndata: a\r\n\r\n'],
    ['CR', 'id: 1\rdata: a\r\r'],
    ['a mix', 'id: 1\r\ndata: a\r\n'.concat('\r')],
    ['a byte order mark', '\uFEFFid: 1\ndata: a\n\n'],
  ])('ends lines by %s', (_name, text) => {
    expect(read(encode(text)).events.map(told)).toEqual([{ id: '1', data: 'a', event: undefined, comments: [] }]);
    const bytewise = Array.from(encode(text), () => 1);
    expect(read(encode(text), bytewise).events.map(told)).toEqual(read(encode(text)).events.map(told));
  });

  test('joins data lines, keeps comments, ignores an id with NUL', () => {
    const [event] = read(encode('data: a\n: one\ndata:  b\nid: x\0\n:two\n\n')).events;
    expect(event).toMatchObject({ data: 'a\n b', comments: ['one', 'two'] });
    expect(event?.id).toBeUndefined();
  });

  test('holds an unfinished event, which nobody may see', () => {
    expect(read(encode('data: a\n\ndata: b\n'))).toMatchObject({ rest: 'data: b\n', events: [{ data: 'a' }] });
  });

  test('puts split characters together', () => {
    const bytes = encode('data: ü€😀\n\n');
    expect(
      read(
        bytes,
        Array.from(bytes, () => 1),
      ).events[0],
    ).toMatchObject({ data: 'ü€😀', valid: true });
  });

  test('says when an event is no UTF-8', () => {
    expect(read(new Uint8Array([...encode('data: '), 0xff, 0x0a, 0x0a])).events[0]?.valid).toBe(false);
  });

  test('gives up an event over the limit', () => {
    const decoder = new SseDecoder(10);
    expect(decoder.push(encode('data: 1\n\ndata: 234'))).toHaveLength(1);
    expect(decoder.push(encode('5'))).toEqual([]);
    expect(decoder.push(encode('67'))).toBe('overflow');
  });
});

describe('an event with other data', () => {
  test('keeps its other lines', () => {
    const event = parseSseEvent(
      encode('id: 1\r\nretry: 5\r\n: c\r\nevent: message\r\ndata: a\r\ndata: b\r\nx: y\r\n\r\n'),
    );
    expect(withSseData(event, 'm\nn')).toBe('id: 1\nretry: 5\n: c\nevent: message\ndata: m\ndata: n\nx: y\n\n');
    expect(withSseData(event, 'm', false)).not.toContain(': c');
  });

  test('reads back as that data', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const data = text.replaceAll('\r', '');
        const out = withSseData(parseSseEvent(encode('id: 1\ndata: a\n\n')), data);
        expect(parseSseEvent(encode(out))).toMatchObject({ id: '1', data });
      }),
    );
  });
});
