/**
 * Reads what verification needs of a line without building its objects: most lines only have to be well-formed, linked
 * and hashed. A scan that is in any doubt gives `undefined`, and the line is parsed in full: it accepts less than
 * `parseRecord`, and what it accepts it reads alike.
 */
import { decodeUtf8, type RecordKind } from '@tachograph/protocol';
import { utf8 } from './bytes.ts';

/** What a line that is scanned only says of itself. `stream`, `seq` and `prev` are those that were expected. */
export interface ScannedLine {
  readonly kind: RecordKind;
  readonly session: string | undefined;
}

/** Scans lines of one stream. `prev`: 64 hex digits. */
export type LineScan = (line: Uint8Array, seq: number, prev: string) => ScannedLine | undefined;

/** `time` of a line that a scan accepted. */
export function timeOfScanned(line: Uint8Array, seq: number): string {
  const start = openingLength + String(seq).length + afterSeq.length + 64 + afterPrev.length;
  return asciiOf(line, start, line.indexOf(quote, start));
}

/** Kinds whose `detail` verification does not read, each up to its closing quote. All others are parsed. */
const scannedKinds = (
  [
    'mcp.request',
    'mcp.response',
    'mcp.notification',
    'mcp.stream_chunk',
    'http.exchange',
    'heartbeat',
    'session.open',
  ] as const satisfies readonly RecordKind[]
).map((kind) => ({ kind, bytes: utf8(`${kind}"`) }));

const streamId = /^[0-9a-f-]{36}$/;
/** Fields whose second occurrence would count in a parser, and `blob`, which is read in full. */
const readInFull: ReadonlySet<string> = new Set([
  'v',
  'stream',
  'seq',
  'prev',
  'time',
  'mono_ns',
  'kind',
  'session',
  'blob',
]);
/** First byte and length of those, so that most names need not be read. */
const shapesInFull: ReadonlySet<number> = new Set(
  [...readInFull].map((name) => name.charCodeAt(0) * 256 + name.length),
);
/** Deeper lines are left to the parser. */
const maxDepth = 64;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const openingOf = (stream: string): Uint8Array => utf8(`{"v":1,"stream":"${stream}","seq":`);
const openingLength = openingOf('').length + 36;
const afterSeq = utf8(',"prev":"');
const afterPrev = utf8('","time":"');
const afterTime = utf8(',"mono_ns":');
const afterClock = utf8(',"kind":"');
const beforeSession = utf8(',"session":"');

/** 1: ends a run of plain characters within a string (quote, backslash, control characters). */
const stops = new Uint8Array(256);
stops.fill(1, 0, 0x20);
stops[quote] = 1;
stops[backslash] = 1;

interface Cursor {
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Bits of all bytes within strings: 0x80 is set when one is not ASCII. */
  seen: number;
}

/** A scan for the lines of one stream; it never accepts a line when the stream's name is no UUID. */
export function createLineScan(stream: string): LineScan {
  if (!streamId.test(stream)) return () => undefined;
  const opening = openingOf(stream);
  const cursor: Cursor = { bytes: new Uint8Array(), at: 0, end: 0, seen: 0 };
  const sessions = createTextMemory();
  return (line, seq, prev) => {
    cursor.bytes = line;
    cursor.at = 0;
    cursor.end = line.length;
    cursor.seen = 0;
    if (!takeBytes(cursor, opening) || !takeText(cursor, String(seq)) || !takeBytes(cursor, afterSeq)) return undefined;
    if (!takeText(cursor, prev) || !takeBytes(cursor, afterPrev)) return undefined;
    return takeRest(cursor, sessions);
  };
}

function takeRest(cursor: Cursor, sessions: TextMemory): ScannedLine | undefined {
  if (!skipPlain(cursor)) return undefined;
  if (!takeBytes(cursor, afterTime) || !takeWhole(cursor) || !takeBytes(cursor, afterClock)) return undefined;
  const kind = takeKind(cursor);
  const session = takeSession(cursor, sessions);
  if (kind === undefined || session === undefined || !takeMembers(cursor) || !isUnicode(cursor)) return undefined;
  return { kind, session: session === '' ? undefined : session };
}

function takeKind(cursor: Cursor): RecordKind | undefined {
  const start = cursor.at;
  for (const { kind, bytes } of scannedKinds) {
    if (takeBytes(cursor, bytes)) return kind;
    cursor.at = start;
  }
  return undefined;
}

function isUnicode({ bytes, seen }: Cursor): boolean {
  return (seen & 0x80) === 0 || decodeUtf8(bytes) !== undefined;
}

/** The session, empty where the line has none; `undefined` when it is not read here. */
function takeSession(cursor: Cursor, sessions: TextMemory): string | undefined {
  const from = cursor.at;
  if (!takeBytes(cursor, beforeSession)) {
    cursor.at = from;
    return '';
  }
  const start = cursor.at;
  if (!skipPlain(cursor) || cursor.at - 1 === start) return undefined;
  return sessions(cursor.bytes, start, cursor.at - 1);
}

/** The rest of the record's object, up to its end, which must be the line's. */
function takeMembers(cursor: Cursor): boolean {
  const { bytes } = cursor;
  while (bytes[cursor.at] === comma) {
    cursor.at += 1;
    const start = cursor.at + 1;
    if (bytes[cursor.at] !== quote) return false;
    cursor.at += 1;
    if (!skipPlain(cursor) || isReadInFull(bytes, start, cursor.at - 1)) return false;
    if (bytes[cursor.at] !== colon) return false;
    cursor.at += 1;
    if (!takeValue(cursor, 1)) return false;
  }
  return bytes[cursor.at] === closeBrace && cursor.at + 1 === cursor.end;
}

function isReadInFull(bytes: Uint8Array, from: number, to: number): boolean {
  const shape = (bytes[from] ?? 0) * 256 + to - from;
  return shapesInFull.has(shape) && readInFull.has(asciiOf(bytes, from, to));
}

function takeValue(cursor: Cursor, depth: number): boolean {
  const byte = cursor.bytes[cursor.at] ?? 0;
  if (byte === quote) {
    cursor.at += 1;
    return takeString(cursor);
  }
  if (byte === openBrace) return takeObject(cursor, depth);
  if (byte === openBracket) return takeArray(cursor, depth);
  return takeScalar(cursor);
}

function takeObject(cursor: Cursor, depth: number): boolean {
  const { bytes } = cursor;
  if (depth >= maxDepth) return false;
  cursor.at += 1;
  if (bytes[cursor.at] === closeBrace) {
    cursor.at += 1;
    return true;
  }
  do {
    if (bytes[cursor.at] !== quote) return false;
    cursor.at += 1;
    if (!takeString(cursor) || bytes[cursor.at] !== colon) return false;
    cursor.at += 1;
    if (!takeValue(cursor, depth + 1)) return false;
    cursor.at += 1;
  } while (bytes[cursor.at - 1] === comma);
  return bytes[cursor.at - 1] === closeBrace;
}

function takeArray(cursor: Cursor, depth: number): boolean {
  const { bytes } = cursor;
  if (depth >= maxDepth) return false;
  cursor.at += 1;
  if (bytes[cursor.at] === closeBracket) {
    cursor.at += 1;
    return true;
  }
  do {
    if (!takeValue(cursor, depth + 1)) return false;
    cursor.at += 1;
  } while (bytes[cursor.at - 1] === comma);
  return bytes[cursor.at - 1] === closeBracket;
}

/** Numbers and literals are short: the platform's parser judges them. */
function takeScalar(cursor: Cursor): boolean {
  const start = cursor.at;
  while (cursor.at < cursor.end && cursor.at - start < 32 && isScalarByte(cursor.bytes[cursor.at] ?? 0)) cursor.at += 1;
  const text = asciiOf(cursor.bytes, start, cursor.at);
  return (
    text === 'true' || text === 'false' || text === 'null' || /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)
  );
}

function isScalarByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x2b && byte <= 0x39 && byte !== comma) || byte === 0x45;
}

/** To after the closing quote; the cursor stands after the opening one. */
function takeString(cursor: Cursor): boolean {
  const { bytes, end } = cursor;
  let { at, seen } = cursor;
  for (;;) {
    while (at < end && stops[bytes[at] ?? 0] === 0) {
      seen |= bytes[at] ?? 0;
      at += 1;
    }
    if (at >= end || bytes[at] !== backslash) break;
    const length = escapeLength(bytes, at);
    if (length === 0) return false;
    at += length;
  }
  cursor.seen = seen;
  cursor.at = at + 1;
  return at < end && bytes[at] === quote;
}

/** Bytes of the escape at `at`; 0 when it is none. */
function escapeLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1] ?? 0;
  if (byte === 0x75) {
    for (let i = at + 2; i < at + 6; i += 1) if (!isHex(bytes[i] ?? 0)) return 0;
    return 6;
  }
  return escaped[byte] === 1 ? 2 : 0;
}

const escaped = new Uint8Array(256);
for (const char of '"\\/bfnrt') escaped[char.charCodeAt(0)] = 1;

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46);
}

/** To after the closing quote of a string of plain ASCII without escapes. */
function skipPlain(cursor: Cursor): boolean {
  const { bytes, end } = cursor;
  let { at } = cursor;
  while (at < end && stops[bytes[at] ?? 0] === 0 && (bytes[at] ?? 0) < 0x80) at += 1;
  cursor.at = at + 1;
  return at < end && bytes[at] === quote;
}

function takeBytes(cursor: Cursor, expected: Uint8Array): boolean {
  const { bytes, at } = cursor;
  if (at + expected.length > cursor.end) return false;
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false;
  cursor.at = at + expected.length;
  return true;
}

function takeText(cursor: Cursor, expected: string): boolean {
  const { bytes, at } = cursor;
  if (at + expected.length > cursor.end) return false;
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected.charCodeAt(i)) return false;
  cursor.at = at + expected.length;
  return true;
}

/** A number without sign, point or exponent. */
function takeWhole(cursor: Cursor): boolean {
  const start = cursor.at;
  while (isDigit(cursor.bytes[cursor.at] ?? 0)) cursor.at += 1;
  const length = cursor.at - start;
  return length === 1 || (length > 1 && length < 20 && cursor.bytes[start] !== 0x30);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function asciiOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i += 1) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}

/** Texts by their bytes; the last few are kept, because lines of a session stand together. */
type TextMemory = (bytes: Uint8Array, from: number, to: number) => string;

function createTextMemory(): TextMemory {
  let lastBytes = new Uint8Array();
  let lastText = '';
  return (bytes, from, to) => {
    if (to - from === lastBytes.length && startsWith(bytes, from, lastBytes)) return lastText;
    lastBytes = bytes.slice(from, to);
    lastText = asciiOf(bytes, from, to);
    return lastText;
  };
}

function startsWith(bytes: Uint8Array, from: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) if (bytes[from + i] !== expected[i]) return false;
  return true;
}
