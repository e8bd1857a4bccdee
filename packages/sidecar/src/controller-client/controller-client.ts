import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, parseVkey, verifyCheckpoint } from '@tachograph/archive';
import {
  approvalKeyHeader,
  bundlePayload,
  checkpointPath,
  formatSegmentSignature,
  headsAnswer,
  inclusionProofAnswer,
  inclusionProofPath,
  jwksPayload,
  reviewPath,
  sessionKeyPath,
  workloadUri,
  type BundlePayload,
  type HeadsRequest,
  type JwksPayload,
  type SegmentSignature,
  type SessionKeyRequest,
  type StreamRequest,
} from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import { createApprovalClient, parseApprovalKey } from '../approvals/approval-client.ts';
import type { ApprovalPort } from '../approvals/approval-port.ts';
import type { LoginPort } from '../auth-proxy/login-port.ts';
import { loginSeats } from '../auth-proxy/login-seats.ts';
import type { ReviewToken } from '../identity/token-reviews.ts';
import type { SendAlert } from '../limits/alert-outlets.ts';
import { nodeCrypto } from '../record/node-crypto.ts';
import type { ControllerSettings, RecordedWorkload } from '../record/settings.ts';
import { toReportedDrift } from '../ledger/report-answer.ts';
import type { SendReport } from '../ledger/reporter.ts';
import type { SignedCheckpoint } from '../record/shipping-port.ts';
import type { Timers } from '../record/timers.ts';
import {
  toBlobAnswer,
  toRegisterAnswer,
  toReviewOutcome,
  toShipAnswer,
  type BlobAnswer,
  type RegisterAnswer,
  type ShipAnswer,
} from './answers.ts';
import { HttpsCaller, type Connections, type HttpsAnswer, type HttpsCall } from './https-caller.ts';
import { StatementFeed } from './statement-feed.ts';
import { StatementHolder } from './statement-holder.ts';
import { TrustKeeper } from './trust-keeper.ts';
import { parseJson, refuse } from './verify-statement.ts';

export interface ControllerClientOptions {
  readonly settings: ControllerSettings;
  readonly spoolDir: string;
  readonly workload: RecordedWorkload;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
}

const callTimeoutMs = 30_000;
/** A caller waits for it. */
const reviewTimeoutMs = 10_000;
const waitSeconds = 30;
const trustIntervalMs = 3_600_000;
const trustRetryMs = 1000;
/** Every held call waits in a long poll: not on the connections that segments are shipped over. */
const approvalSockets = 256;

/** The sidecar's end of `contracts.md`, Sidecar to controller. Believes only what the trust root's statement covers. */
export class ControllerClient {
  readonly bundle: StatementHolder<BundlePayload>;
  readonly jwks: StatementHolder<JwksPayload>;
  readonly approvals: ApprovalPort;
  /** `POST /v1/alerts`. One that does not arrive is not sent again: it is recorded. */
  readonly sendAlert: SendAlert = async (report) => {
    const answer = await this.#postJson('/v1/alerts', report);
    return answer.kind === 'answer' && answer.status < 300;
  };
  /** `POST /v1/tools`. */
  readonly reportTools: SendReport = async (report) => toReportedDrift(await this.#postJson('/v1/tools', report));
  /** `/as`, for people who log in. */
  readonly login: LoginPort = { call: (it) => this.#call(it, this.#loginCalls) };
  /** `POST /v1/reviews`. */
  readonly reviewToken: ReviewToken = async (token) =>
    toReviewOutcome(await this.#postJson(reviewPath, { token }, reviewTimeoutMs));
  readonly #options: ControllerClientOptions;
  readonly #trust: TrustKeeper;
  readonly #feeds: readonly StatementFeed[];
  readonly #calls = new TrustedCaller();
  readonly #approvalCalls = new TrustedCaller({ maxSockets: approvalSockets, kept: true });
  readonly #loginCalls = new TrustedCaller({ maxSockets: loginSeats, kept: false });
  #approvalKey: Uint8Array | undefined;
  #isFollowing = false;
  #stopped = false;

  constructor(options: ControllerClientOptions) {
    const { settings, spoolDir, clock, log } = options;
    this.#options = options;
    this.#trust = new TrustKeeper({
      url: settings.url,
      fingerprint: settings.trust,
      cacheFile: join(spoolDir, 'trust.json'),
      clock,
      log,
    });
    this.bundle = this.#createBundleHolder();
    this.jwks = this.#createKeysHolder();
    const workload = encodeURIComponent(options.workload.workload);
    this.approvals = createApprovalClient({
      call: (it) => this.#call(it, this.#approvalCalls),
      key: () => this.#approvalKey,
    });
    this.#feeds = [
      this.#createFeed('bundle', `/v1/bundle?workload=${workload}`, this.bundle),
      this.#createFeed('jwks', '/v1/jwks', this.jwks),
    ];
  }

  /** Believes what earlier starts cached, then fetches for ever. Returns at once: the application waits for nobody. */
  start(): void {
    this.#trust.load();
    this.bundle.load();
    this.jwks.load();
    void this.#followTrust();
  }

  stop(): void {
    this.#stopped = true;
    for (const feed of this.#feeds) feed.stop();
    this.#trust.close();
    this.#calls.close();
    this.#approvalCalls.close();
    this.#loginCalls.close();
  }

  async registerStream(request: StreamRequest): Promise<RegisterAnswer> {
    return toRegisterAnswer(await this.#postJson('/v1/streams', request));
  }

  async putBlob(place: { stream: string; day: string; sha256: string }, bytes: Uint8Array): Promise<BlobAnswer> {
    const path = `/v1/blobs/${place.sha256}?stream=${place.stream}&day=${place.day}`;
    return toBlobAnswer(await this.#call({ method: 'PUT', path, body: bytes, timeoutMs: callTimeoutMs }));
  }

  async putSessionKey(session: string, request: SessionKeyRequest): Promise<BlobAnswer> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(request);
    return toBlobAnswer(
      await this.#call({ method: 'PUT', path: sessionKeyPath(session), headers, body, timeoutMs: callTimeoutMs }),
    );
  }

  async putSegment(name: string, bytes: Uint8Array, signature: SegmentSignature): Promise<ShipAnswer> {
    const headers = { 'tacho-signature': formatSegmentSignature(signature), 'content-type': 'application/gzip' };
    const path = `/v1/segments/${name}`;
    return toShipAnswer(await this.#call({ method: 'PUT', path, headers, body: bytes, timeoutMs: callTimeoutMs }));
  }

  /** When the pod is being deleted, since when. A head that does not arrive is followed by the next. */
  async reportHead(head: HeadsRequest): Promise<{ readonly deletionTimestamp?: string | undefined } | undefined> {
    const answer = await this.#postJson('/v1/heads', head);
    if (answer.kind !== 'answer' || answer.status > 299) return undefined;
    const body = headsAnswer.safeParse(parseJson(answer.body.toString()));
    return body.success ? body.data : {};
  }

  async checkpoint(): Promise<SignedCheckpoint | undefined> {
    const keys = (this.#trust.current()?.logKeys ?? [])
      .map((vkey) => parseVkey(nodeCrypto, vkey))
      .filter((key) => key !== undefined);
    if (keys.length === 0) {
      // The statement was made before a sequencer had ever answered.
      await this.#trust.refresh();
      return undefined;
    }
    const answer = await this.#call({ method: 'GET', path: checkpointPath, timeoutMs: callTimeoutMs });
    if (answer.kind !== 'answer' || answer.status !== 200) return undefined;
    const note = answer.body.toString();
    const checkpoint = verifyCheckpoint(nodeCrypto, note, keys);
    // The log may have a new key: the next statement names it.
    if (checkpoint === undefined) await this.#trust.refresh();
    return checkpoint === undefined ? undefined : { size: checkpoint.size, root: checkpoint.root, note };
  }

  async proof(index: number, size: number): Promise<readonly Uint8Array[] | undefined> {
    const answer = await this.#call({
      method: 'GET',
      path: inclusionProofPath(index, size),
      timeoutMs: callTimeoutMs,
    });
    if (answer.kind !== 'answer' || answer.status !== 200) return undefined;
    const body = inclusionProofAnswer.safeParse(parseJson(answer.body.toString()));
    return body.success ? body.data.proof.map((hash) => fromBase64(hash) ?? new Uint8Array()) : undefined;
  }

  #createBundleHolder(): StatementHolder<BundlePayload> {
    const { spoolDir, clock, log } = this.#options;
    const uri = workloadUri(this.#options.workload);
    return new StatementHolder({
      type: 'bundle',
      cacheFile: join(spoolDir, 'bundle.json'),
      keys: () => this.#trust.current()?.bundleKeys ?? [],
      parse: (value) => dataOf(bundlePayload.safeParse(value)),
      accept: (next, held) => {
        if (next.workload !== uri) return refuse('wrong_workload');
        return held !== undefined && next.version < held.version ? refuse('older') : { kind: 'ok', value: next };
      },
      clock,
      log,
    });
  }

  #createKeysHolder(): StatementHolder<JwksPayload> {
    const { spoolDir, clock, log } = this.#options;
    return new StatementHolder({
      type: 'jwks',
      cacheFile: join(spoolDir, 'jwks.json'),
      keys: () => this.#trust.current()?.bundleKeys ?? [],
      parse: (value) => dataOf(jwksPayload.safeParse(value)),
      accept: (next) => ({ kind: 'ok', value: next }),
      clock,
      log,
    });
  }

  #createFeed(
    name: string,
    path: string,
    holder: Pick<StatementHolder<JwksPayload>, 'offer'> | Pick<StatementHolder<BundlePayload>, 'offer'>,
  ): StatementFeed {
    const { timers, random, log } = this.#options;
    return new StatementFeed({
      name,
      poll: async (etag) => {
        const known = etag === undefined ? {} : { 'if-none-match': etag };
        const headers = { prefer: `wait=${waitSeconds}`, ...known };
        const timeoutMs = callTimeoutMs + waitSeconds * 1000;
        const answer = await this.#call({ method: 'GET', path, headers, timeoutMs });
        if (answer.kind === 'answer') this.#takeApprovalKey(answer);
        return answer;
      },
      take: async (text) => {
        const taken = await holder.offer(text);
        // A key that we do not know may be a new one: the trust statement tells.
        if (taken.kind === 'refused' && taken.reason === 'unknown_key') await this.#trust.refresh();
        return taken.kind === 'ok';
      },
      timers,
      random,
      log,
    });
  }

  /** Memory only: with it, digests in approvals and records could be tried against guesses. */
  #takeApprovalKey({ headers }: Extract<HttpsAnswer, { kind: 'answer' }>): void {
    this.#approvalKey = parseApprovalKey(headers[approvalKeyHeader.toLowerCase()]) ?? this.#approvalKey;
  }

  async #followTrust(): Promise<void> {
    if (this.#stopped) return;
    // With a cached statement nobody waits for a new one.
    if (this.#trust.current() !== undefined) this.#startFeeds();
    const isFresh = await this.#trust.refresh();
    this.#startFeeds();
    const delayMs = isFresh ? trustIntervalMs : trustRetryMs;
    if (!this.#stopped) this.#options.timers.after(delayMs, () => void this.#followTrust());
  }

  #startFeeds(): void {
    if (this.#isFollowing || this.#stopped) return;
    this.#isFollowing = true;
    for (const feed of this.#feeds) feed.start();
  }

  #postJson(path: string, value: unknown, timeoutMs = callTimeoutMs): Promise<HttpsAnswer> {
    const headers = { 'content-type': 'application/json' };
    return this.#call({ method: 'POST', path, headers, body: JSON.stringify(value), timeoutMs });
  }

  /** A call with our token, over TLS that the trust statement vouches for: without one nothing is sent. */
  async #call(it: HttpsCall, calls = this.#calls): Promise<HttpsAnswer> {
    const trust = this.#trust.current();
    if (trust === undefined) return unreachable('no trust statement in force');
    const { url, tokenFile } = this.#options.settings;
    const token = readToken(tokenFile);
    if (token === undefined) return unreachable('no bearer token');
    const headers = { ...it.headers, authorization: `Bearer ${token}` };
    const answer = await calls.of(url, trust.tlsRoots).call({ ...it, headers });
    // The serving authority may have been replaced since the statement was fetched.
    if (answer.kind === 'unreachable' && isCertificateError(answer.error)) void this.#trust.refresh();
    return answer;
  }
}

/** Connections that follow the roots in force. */
class TrustedCaller {
  readonly #connections: Connections | undefined;
  #caller: HttpsCaller | undefined;
  #roots = '';

  constructor(connections?: Connections) {
    this.#connections = connections;
  }

  of(url: string, tlsRoots: readonly string[]): HttpsCaller {
    const roots = tlsRoots.join('\n');
    if (this.#caller === undefined) this.#caller = new HttpsCaller(url, tlsRoots, this.#connections);
    else if (roots !== this.#roots) this.#caller.setRoots(tlsRoots);
    this.#roots = roots;
    return this.#caller;
  }

  close(): void {
    this.#caller?.close();
  }
}

function unreachable(message: string): HttpsAnswer {
  return { kind: 'unreachable', error: new Error(message) };
}

/** Read for every call: the kubelet replaces it before it expires. */
function readToken(path: string): string | undefined {
  try {
    const token = readFileSync(path, 'utf8').trim();
    return token === '' ? undefined : token;
  } catch {
    return undefined;
  }
}

function isCertificateError(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return /CERT|SIGNATURE|ALTNAME|ISSUER/.test(code);
}

function dataOf<T>(result: { success: true; data: T } | { success: false }): T | undefined {
  return result.success ? result.data : undefined;
}
