/** Server-sent events as bytes: what is not changed is passed on exactly (`mcp.md` §6, Responses). */

/** One event with the exact bytes it came in, its closing blank line included. */
export interface SseEvent {
  readonly raw: Uint8Array;
  /** False where the bytes are no UTF-8: nobody can say what the client will read. */
  readonly valid: boolean;
  /** `data` lines joined by LF; absent when there is none. */
  readonly data?: string;
  readonly event?: string;
  readonly id?: string;
  readonly comments: readonly string[];
}

/** Largest event, in bytes; beyond it the stream cannot be inspected and must fail closed. */
export const maxSseEventBytes = 4 * 1024 * 1024;

const lf = 0x0a;
const cr = 0x0d;

/**
 * Cuts a byte stream into events. Line ends may be LF, CRLF or CR, in any mix and across chunks. `push` answers the
 * events that are complete, in order, or `overflow` when one passes the limit; `end` answers the bytes of an event that
 * never ended, which clients discard.
 */
export class SseDecoder {
  private readonly maxEventBytes: number;
  /** Bytes of the event that is not complete yet. */
  private held: Uint8Array = new Uint8Array(0);
  private heldLength = 0;
  /** Where the current line starts, within `held`. */
  private lineStart = 0;
  private scanned = 0;
  private afterCr = false;
  private atStart = true;

  constructor(maxEventBytes: number = maxSseEventBytes) {
    this.maxEventBytes = maxEventBytes;
  }

  push(chunk: Uint8Array): readonly SseEvent[] | 'overflow' {
    const bytes = this.hold(chunk);
    const events: SseEvent[] = [];
    if (!this.skipBom(bytes)) return events;
    let start = 0;
    for (let cut = this.nextCut(bytes); cut !== undefined; cut = this.nextCut(bytes)) {
      events.push(parseSseEvent(bytes.slice(start, cut)));
      start = cut;
    }
    this.keep(bytes, start);
    return this.heldLength > this.maxEventBytes ? 'overflow' : events;
  }

  /** What is left of an unfinished event. */
  end(): Uint8Array {
    return this.held.slice(0, this.heldLength);
  }

  /** The held bytes with the chunk after them; grows by doubling, so that small chunks cost no more than large ones. */
  private hold(chunk: Uint8Array): Uint8Array {
    if (this.heldLength === 0) return chunk;
    const needed = this.heldLength + chunk.length;
    if (needed > this.held.length) {
      const grown = new Uint8Array(Math.max(needed, this.held.length * 2));
      grown.set(this.held.subarray(0, this.heldLength));
      this.held = grown;
    }
    this.held.set(chunk, this.heldLength);
    return this.held.subarray(0, needed);
  }

  private keep(bytes: Uint8Array, start: number): void {
    const rest = bytes.subarray(start);
    if (rest.length > 0 && (start > 0 || this.heldLength === 0)) this.held = rest.slice();
    this.heldLength = rest.length;
    this.lineStart -= start;
    this.scanned -= start;
  }

  /** False while too little has come to tell whether the stream starts with a byte order mark. */
  private skipBom(bytes: Uint8Array): boolean {
    if (!this.atStart) return true;
    const couldBe = [0xef, 0xbb, 0xbf].every((byte, index) => index >= bytes.length || bytes[index] === byte);
    if (couldBe && bytes.length < 3) {
      this.keep(bytes, 0);
      return false;
    }
    this.atStart = false;
    if (couldBe) this.lineStart = this.scanned = 3;
    return true;
  }

  /** End of the next complete event; moves past it. */
  private nextCut(bytes: Uint8Array): number | undefined {
    this.skipLfAfterCr(bytes);
    for (let end = lineEndFrom(bytes, this.scanned); end !== -1; end = lineEndFrom(bytes, this.scanned)) {
      const blank = end === this.lineStart;
      this.scanned = this.lineStart = end + 1;
      this.afterCr = bytes[end] === cr;
      this.skipLfAfterCr(bytes);
      if (blank) return this.lineStart;
    }
    this.scanned = bytes.length;
    return undefined;
  }

  /** A CR may be half of a CRLF whose LF comes with the next chunk: that LF then opens no line. */
  private skipLfAfterCr(bytes: Uint8Array): void {
    if (!this.afterCr || this.scanned >= bytes.length) return;
    this.afterCr = false;
    if (bytes[this.scanned] === lf) this.scanned = this.lineStart = this.scanned + 1;
  }
}

function lineEndFrom(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === lf || bytes[at] === cr) return at;
  return -1;
}

const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

/** Reads one event's bytes. */
export function parseSseEvent(raw: Uint8Array): SseEvent {
  const { text, valid } = decode(raw);
  const data: string[] = [];
  const comments: string[] = [];
  const fields: { event?: string; id?: string } = {};
  for (const line of text.split(/\r\n|\r|\n/)) {
    const { name, value } = parseLine(line);
    if (name === 'data') data.push(value);
    else if (name === 'event') fields.event = value;
    else if (name === 'id' && !value.includes('\0')) fields.id = value;
    else if (name === '' && line !== '') comments.push(value);
  }
  const event = { raw, valid, comments, ...fields };
  return data.length === 0 ? event : { ...event, data: data.join('\n') };
}

function decode(raw: Uint8Array): { readonly text: string; readonly valid: boolean } {
  try {
    return { text: strict.decode(raw), valid: true };
  } catch {
    return { text: lenient.decode(raw), valid: false };
  }
}

function parseLine(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(':');
  if (colon === -1) return { name: line, value: '' };
  const from = line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
  return { name: line.slice(0, colon), value: line.slice(from) };
}

/** The event with other data; every other line keeps its place and text, comments only if `keepComments`. */
export function withSseData(event: SseEvent, data: string, keepComments = true): string {
  const lines: string[] = [];
  let replaced = false;
  for (const line of decode(event.raw)
    .text.replace(/(?:\r\n|\r|\n)+$/, '')
    .split(/\r\n|\r|\n/)) {
    const { name } = parseLine(line);
    if (name === 'data') {
      if (!replaced) lines.push(...data.split('\n').map((part) => `data: ${part}`));
      replaced = true;
    } else if (name !== '' || keepComments) lines.push(line);
  }
  return `${lines.join('\n')}\n\n`;
}

/** One event that carries a message. Line ends in JSON are white space between tokens: the client joins them again. */
export function sseMessage(data: string): string {
  return `event: message\ndata: ${/[\r\n]/.test(data) ? data.split(/\r\n|\r|\n/).join('\ndata: ') : data}\n\n`;
}
