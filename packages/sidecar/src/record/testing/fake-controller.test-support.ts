import { generateKeyPairSync, hash, sign, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { checkSegment, keyId } from '@tachograph/archive';
import {
  parseRecord,
  parseSegmentFileName,
  parseSegmentSignature,
  statementText,
  type BundlePayload,
  type HeadsRequest,
  type JwksPayload,
  type SessionKeyRequest,
  type Statement,
  type StatementType,
  type StoredRecord,
} from '@tachograph/protocol';
import { nodeCrypto } from '../node-crypto.ts';
import { createSelfSigned } from './self-signed.test-support.ts';

interface KnownStream {
  readonly publicKey: Buffer;
  readonly records: StoredRecord[];
  lastHash: string;
  unsigned: number;
}

/** What a fault does with a request: answers in its own way, drops the connection, or drops the answer after the work is done. */
export type Fault =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | 'drop'
  | 'drop_answer';

/** The controller's side of the contract, in memory, over real TLS: checks what a sidecar sends as the real one does. */
export class FakeController {
  readonly root = generateKeyPairSync('ed25519');
  readonly bundleKey = generateKeyPairSync('ed25519');
  readonly streams = new Map<string, KnownStream>();
  readonly blobs = new Map<string, Buffer>();
  /** By session, base64. */
  readonly sessionKeys = new Map<string, string>();
  readonly heads: HeadsRequest[] = [];
  readonly requests: string[] = [];
  readonly segmentNames: string[] = [];
  readonly tokens = new Set<string>();
  bundle: { etag: string; payload: BundlePayload } | undefined;
  jwks: { etag: string; payload: JwksPayload } | undefined;
  /** Signs bundles with the trust root, which signs trust statements only. */
  signWithRoot = false;
  deletionTimestamp: string | undefined;
  trustNotAfter = '2049-01-01T00:00:00Z';
  fault: (method: string, path: string) => Fault | undefined = () => undefined;
  #tls = createSelfSigned();
  #server: Server | undefined;
  #port = 0;

  async start(): Promise<void> {
    const { certificate: cert, key } = this.#tls;
    const server = createServer({ cert, key }, (request, response) => void this.#handle(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => void server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Takes another one's place: same address, other keys. */
  async startAt(other: FakeController): Promise<void> {
    this.#port = other.#port;
    await this.start();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    await new Promise<void>((resolve) => {
      server?.close(() => resolve());
      server?.closeAllConnections();
    });
  }

  /** A new serving authority: the next trust statement names it. */
  async rotate(): Promise<void> {
    await this.stop();
    this.#tls = createSelfSigned();
    await this.start();
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  get fingerprint(): string {
    return `sha256:${hash('sha256', spkiOf(this.root.publicKey), 'hex')}`;
  }

  recordsOf(stream: string): readonly StoredRecord[] {
    return this.streams.get(stream)?.records ?? [];
  }

  statement(type: StatementType, payload: unknown, key: KeyPair): Statement {
    const text = JSON.stringify(payload);
    const sig = sign(null, Buffer.from(statementText(type, text)), key.privateKey).toString('base64');
    return { type, payload: text, keyId: keyId(nodeCrypto, spkiOf(key.publicKey)), sig };
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? '';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.requests.push(`${method} ${url.pathname}`);
    this.tokens.add(request.headers.authorization ?? '');
    const fault = this.fault(method, url.pathname);
    if (fault === 'drop') return void response.destroy();
    const answer = typeof fault === 'object' ? fault : this.#answer({ method, url, body, request });
    if (fault === 'drop_answer') return void response.destroy();
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    return undefined;
  }

  #answer(it: { method: string; url: URL; body: Buffer; request: IncomingMessage }): Exclude<Fault, string> {
    const { method, url, body, request } = it;
    const [, , kind = '', name = ''] = url.pathname.split('/');
    switch (`${method} ${kind}`) {
      case 'GET trust':
        return this.#trust();
      case 'POST streams':
        return this.#open(JSON.parse(body.toString()) as { line: string; publicKey: string });
      case 'PUT segments':
        return this.#segment(name, body, request.headers['tacho-signature']);
      case 'POST heads':
        return this.#head(JSON.parse(body.toString()) as HeadsRequest);
      case 'GET bundle':
        return this.#signed('bundle', this.bundle, request);
      case 'GET jwks':
        return this.#signed('jwks', this.jwks, request);
      default:
        return method === 'PUT'
          ? this.#keep(kind, name, { url, body })
          : { status: 404, body: { code: 'not_found', message: 'no such endpoint' } };
    }
  }

  #keep(kind: string, name: string, { url, body }: { url: URL; body: Buffer }): Exclude<Fault, string> {
    if (kind === 'session-keys') this.sessionKeys.set(name, (JSON.parse(body.toString()) as SessionKeyRequest).key);
    else this.blobs.set(`${url.searchParams.get('day')}/${url.searchParams.get('stream')}/${name}`, body);
    return { status: 201 };
  }

  #head(head: HeadsRequest): Exclude<Fault, string> {
    this.heads.push(head);
    const { deletionTimestamp } = this;
    return deletionTimestamp === undefined ? { status: 204 } : { status: 200, body: { deletionTimestamp } };
  }

  #trust(): Exclude<Fault, string> {
    const payload = {
      v: 1,
      cluster: 'c',
      issuedAt: new Date().toISOString(),
      notAfter: this.trustNotAfter,
      tlsRoots: [this.#tls.certificate],
      bundleKeys: [spkiOf(this.bundleKey.publicKey).toString('base64')],
      logKeys: [],
    };
    const root = spkiOf(this.root.publicKey).toString('base64');
    return { status: 200, body: { root, statement: this.statement('trust', payload, this.root) } };
  }

  #open(request: { line: string; publicKey: string }): Exclude<Fault, string> {
    const stream = parseRecord(request.line)?.stream ?? '';
    const publicKey = Buffer.from(request.publicKey, 'base64');
    if (!this.streams.has(stream)) this.streams.set(stream, { publicKey, records: [], lastHash: '', unsigned: 0 });
    return { status: 201, body: { keyId: keyId(nodeCrypto, publicKey) } };
  }

  #segment(name: string, packed: Buffer, header: string | string[] | undefined): Exclude<Fault, string> {
    const parsed = parseSegmentFileName(name);
    const signature = parseSegmentSignature(String(header));
    if (parsed === undefined || signature === undefined) return refusal(400, 'bad_request', 'name or signature');
    if (!hash('sha256', packed, 'hex').startsWith(parsed.sha16)) return refusal(422, 'name_mismatch', 'sha16');
    const known = this.streams.get(parsed.stream);
    if (known === undefined) return refusal(404, 'stream_unknown', 'no such stream');
    if (this.segmentNames.includes(name)) return this.#archived(name);
    if (parsed.first !== known.records.length) return refusal(422, 'chain_broken', `expected ${known.records.length}`);
    const records: StoredRecord[] = [];
    const checked = checkSegment(nodeCrypto, gunzipSync(packed), {
      stream: parsed.stream,
      publicKey: known.publicKey,
      signedSeq: signature.seq,
      sig: signature.sig,
      first: parsed.first,
      last: parsed.last,
      ...(parsed.first === 0 ? {} : { firstPrev: known.lastHash }),
      onRecord: (record) => void records.push(record),
    });
    if (checked.kind === 'broken') return refusal(422, 'chain_broken', checked.reason);
    const day = checked.firstTime.slice(0, 10);
    if (checked.blobs.some(({ sha256 }) => !this.blobs.has(`${day}/${parsed.stream}/${sha256}`))) {
      return refusal(409, 'blob_missing', 'blob');
    }
    known.records.push(...records);
    known.lastHash = checked.lastHash;
    known.unsigned += checked.unsignedTail;
    this.segmentNames.push(name);
    return this.#archived(name);
  }

  #archived(name: string): Exclude<Fault, string> {
    const index = this.segmentNames.indexOf(name);
    return { status: 200, body: { index, leafHash: hash('sha256', name, 'hex'), batchFirstIndex: index } };
  }

  #signed(
    type: 'bundle' | 'jwks',
    held: { etag: string; payload: unknown } | undefined,
    request: IncomingMessage,
  ): Exclude<Fault, string> {
    if (held === undefined) return refusal(503, 'unavailable', 'none yet');
    if (request.headers['if-none-match'] === held.etag) return { status: 304 };
    const body = this.statement(type, held.payload, this.signWithRoot ? this.root : this.bundleKey);
    return { status: 200, headers: { etag: held.etag }, body };
  }
}

type KeyPair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

function refusal(status: number, code: string, message: string): Exclude<Fault, string> {
  return { status, body: { code, message } };
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}
