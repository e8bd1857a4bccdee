/** A sidecar's stream as tests need it: real records, a real key, real segments. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createSessionRoot, encodeRecord, type SessionRoot } from '@tachograph/archive';
import {
  formatSegmentSignature,
  headText,
  segmentFileName,
  zeroHash,
  type RecordDraft,
  type StreamRequest,
} from '@tachograph/protocol';
import { nodeCrypto, sha256Hex } from '../keys/node-crypto.ts';
import { keyIdOf } from '../keys/signing-key.ts';

export interface TestSegment {
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly signature: string;
  readonly first: number;
  readonly last: number;
}

export interface TestStreamOptions {
  readonly stream: string;
  /** Time of every record. */
  readonly time?: string;
  /** `detail` of `stream.open`. */
  readonly detail?: RecordDraft['detail'];
}

/** A UUIDv7-shaped name that differs for each number. */
export function uuidOf(number: number): string {
  return `01930000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

export class TestStream {
  readonly stream: string;
  readonly keyId: string;
  readonly publicKey: string;
  readonly opening: StreamRequest;
  readonly #privateKey: KeyObject;
  readonly #time: string;
  #seq = 0;
  #prev = zeroHash;
  #lines: string[] = [];
  #first = 0;
  readonly #sessions = new Map<string, { readonly root: SessionRoot; readonly first: number }>();

  constructor(options: TestStreamOptions) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    this.stream = options.stream;
    this.#time = options.time ?? '2026-11-21T10:00:00.000Z';
    this.#privateKey = privateKey;
    this.keyId = keyIdOf(spki);
    this.publicKey = spki.toString('base64');
    const { detail } = options;
    const line = this.append({ kind: 'stream.open', ...(detail === undefined ? {} : { detail }) });
    this.opening = { line, publicKey: this.publicKey, sig: this.#signHead(0, sha256Hex(line)) };
  }

  /** Next seq. */
  get seq(): number {
    return this.#seq;
  }

  get lastHash(): string {
    return this.#prev;
  }

  append(draft: RecordDraft): string {
    const envelope = { stream: this.stream, seq: this.#seq, prev: this.#prev, time: this.#time, mono_ns: this.#seq };
    const line = encodeRecord(envelope, draft);
    this.#seq += 1;
    this.#prev = sha256Hex(line);
    this.#lines.push(line);
    return line;
  }

  /** A whole session of one request, closed. */
  appendSession(session: string): void {
    const root = createSessionRoot(nodeCrypto);
    const first = this.#seq;
    const principal = { iss: 'https://issuer', sub: 'alice', type: 'human' } as const;
    const client = { name: 'inspector', version: '1' };
    root.append(sha256Hex(this.append({ kind: 'session.open', session, principal, client })));
    root.append(sha256Hex(this.append({ kind: 'mcp.request', session, body: '{}' })));
    this.#sessions.set(session, { root, first });
    this.#closeSession(session);
  }

  /** An answer after the session's end, which is closed again. */
  appendLate(session: string): void {
    this.#sessions.get(session)?.root.append(sha256Hex(this.append({ kind: 'mcp.response', session, body: '{}' })));
    this.#closeSession(session);
  }

  #closeSession(session: string): void {
    const { root, first = 0 } = this.#sessions.get(session) ?? {};
    const detail = { closed: 'idle', count: root?.count, first, last: this.#seq - 1, root: root?.root() };
    this.append({ kind: 'session.close', session, detail });
  }

  /** Seals what was appended since the last seal. `unsigned`: so many last lines have no signature. */
  seal(unsigned = 0): TestSegment {
    const raw = `${this.#lines.join('\n')}\n`;
    const bytes = gzipSync(raw);
    const first = this.#first;
    const last = this.#seq - 1;
    const signed = last - unsigned;
    const sig = this.#signHead(signed, sha256Hex(this.#lines[signed - first] ?? ''));
    const sha16 = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    this.#lines = [];
    this.#first = this.#seq;
    return {
      fileName: segmentFileName({ stream: this.stream, first, last, sha16 }),
      bytes,
      signature: formatSegmentSignature({ keyId: this.keyId, seq: signed, sig }),
      first,
      last,
    };
  }

  #signHead(seq: number, hash: string): string {
    return sign(null, Buffer.from(headText(this.stream, seq, hash)), this.#privateKey).toString('base64');
  }
}
