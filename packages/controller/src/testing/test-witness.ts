/** A witness over HTTP that checks what C2SP tlog-witness asks it to check, with a memory of what it has cosigned. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { generateKeyPairSync, sign } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import {
  cosign,
  createNoteKey,
  equalBytes,
  formatNote,
  formatVkey,
  fromBase64,
  type NoteKey,
  noteKeyTypes,
  parseCheckpoint,
  parseNote,
  openNote,
  verifyConsistency,
} from '@tachograph/archive';
import { nodeCrypto } from '../keys/node-crypto.ts';

interface Seen {
  readonly size: number;
  readonly root: Uint8Array;
}

interface Reply {
  readonly status: number;
  readonly text?: string;
  readonly type?: string;
}

export class TestWitness {
  readonly key: NoteKey;
  readonly statuses: number[] = [];
  /** Log keys that it accepts. */
  readonly logs: NoteKey[];
  seen: Seen = { size: 0, root: new Uint8Array() };
  /** Changes what it answers. */
  distort: (reply: Reply) => Reply | Promise<Reply> = (reply) => reply;
  readonly #private = generateKeyPairSync('ed25519');
  readonly #server: Server;

  constructor(logs: readonly NoteKey[], name = 'witness.test/w1') {
    this.logs = [...logs];
    const spki = this.#private.publicKey.export({ type: 'spki', format: 'der' });
    this.key = createNoteKey(nodeCrypto, name, spki, noteKeyTypes.cosignature);
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** As `TACHO_WITNESSES` wants it. */
  get setting(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${formatVkey(this.key)}=http://127.0.0.1:${port}/w`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const asked = request.method === 'POST' && request.url === '/w/add-checkpoint';
    const honest = asked ? this.#add(Buffer.concat(chunks).toString('utf8')) : { status: 404 };
    const { status, text, type } = await this.distort(honest);
    this.statuses.push(status);
    response.writeHead(status, { 'content-type': type ?? 'text/plain' }).end(text);
  }

  #add(body: string): Reply {
    const split = body.indexOf('\n\n');
    const [first = '', ...lines] = body.slice(0, split).split('\n');
    const opened = openNote(nodeCrypto, body.slice(split + 2), this.logs);
    if (opened.kind !== 'ok') return { status: 403 };
    const checkpoint = parseCheckpoint(opened.text);
    const old = Number(/^old (\d+)$/.exec(first)?.[1] ?? Number.NaN);
    if (checkpoint === undefined || !(old <= checkpoint.size)) return { status: 400 };
    if (!this.#isAt(old, checkpoint)) return { status: 409, text: `${this.seen.size}\n`, type: 'text/x.tlog.size' };
    if (!this.#extends(checkpoint, lines.map(fromBase64))) return { status: 422 };
    this.seen = checkpoint;
    return { status: 200, text: this.#cosign(opened.text) };
  }

  #isAt(old: number, checkpoint: Seen): boolean {
    const same = old !== checkpoint.size || equalBytes(checkpoint.root, this.seen.root);
    return old === this.seen.size && same;
  }

  #extends(checkpoint: Seen, proof: readonly (Uint8Array | undefined)[]): boolean {
    const hashes = proof.filter((hash) => hash !== undefined);
    if (hashes.length !== proof.length) return false;
    if (this.seen.size === 0) return hashes.length === 0;
    return verifyConsistency(nodeCrypto, {
      oldSize: this.seen.size,
      oldRoot: this.seen.root,
      newSize: checkpoint.size,
      newRoot: checkpoint.root,
      proof: hashes,
    });
  }

  #cosign(text: string): string {
    const time = Math.floor(Date.now() / 1000);
    const line = cosign(text, this.key, time, (bytes) => sign(null, bytes, this.#private.privateKey));
    return formatNote(text, [line]).slice(text.length + 1);
  }
}

/** Signature lines of a note. */
export function signersOf(note: string): readonly string[] {
  return parseNote(note)?.signatures.map(({ name }) => name) ?? [];
}
