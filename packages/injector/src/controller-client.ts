/** The way to the controller: believed through the trust root's statement, as sidecars do it (`contracts.md`, Trust). */
import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  statementText,
  parseJson,
  trustAnswer,
  trustPayload,
  type BreakGlassReport,
  type TrustPayload,
} from '@tachograph/protocol';
import { callHttp, type Clock, type HttpCall } from '@tachograph/service';
import { InjectorError } from './injector-error.ts';

/** A pod that admission let in: `pod.injected` or, when it never appears, `pod.rejected`. */
export interface AdmittedPod {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly workload: string;
  readonly specDigest: string;
}

export interface ControllerClientOptions {
  readonly url: string;
  readonly cluster: string;
  readonly fingerprint: () => string | undefined;
  /** Read for every call: the kubelet rotates it. */
  readonly readToken: () => Promise<string>;
  readonly clock: Clock;
}

/** What the controller is told of. */
export type Announcement = AdmittedPod | BreakGlassReport;

/** Tells the controller; throws `InjectorError` when it did not take it. */
export type Announce = (announcement: Announcement) => Promise<void>;

const timeoutMs = 5000;
const maxAnswerBytes = 256 * 1024;

export function createControllerClient(options: ControllerClientOptions): Announce {
  let roots: readonly string[] = [];
  return async (announcement) => {
    if (roots.length === 0) roots = (await fetchTrust(options)).tlsRoots;
    const token = await options.readToken();
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    try {
      const path = 'subResource' in announcement ? '/internal/break-glass' : '/internal/pods';
      const body = JSON.stringify(announcement);
      await call(`${options.url}${path}`, { method: 'POST', roots, headers, body });
    } catch (error) {
      // The serving authority may have changed: the next call asks again.
      roots = [];
      throw error;
    }
  };
}

/** Asks without verifying TLS, then believes the answer only if the root that signed it is the installation's. */
async function fetchTrust({ url, cluster, fingerprint, clock }: ControllerClientOptions): Promise<TrustPayload> {
  const body = await call(`${url}/v1/trust`, { method: 'GET', roots: 'unverified' });
  const payload = readTrust(body, fingerprint());
  if (payload?.cluster === cluster && Date.parse(payload.notAfter) > clock.nowMs()) return payload;
  throw new InjectorError('installation', 'the controller’s trust statement is not this installation’s');
}

function readTrust(body: string, fingerprint: string | undefined): TrustPayload | undefined {
  const answer = trustAnswer.safeParse(parseJson(body));
  if (!answer.success || answer.data.statement.type !== 'trust') return undefined;
  const { root, statement } = answer.data;
  const spki = Buffer.from(root, 'base64');
  if (`sha256:${createHash('sha256').update(spki).digest('hex')}` !== fingerprint) return undefined;
  const signed = Buffer.from(statementText('trust', statement.payload));
  if (!isSignedBy(spki, signed, Buffer.from(statement.sig, 'base64'))) return undefined;
  const payload = trustPayload.safeParse(parseJson(statement.payload));
  return payload.success ? payload.data : undefined;
}

function isSignedBy(spki: Buffer, signed: Buffer, signature: Buffer): boolean {
  try {
    return verify(null, signed, createPublicKey({ key: spki, type: 'spki', format: 'der' }), signature);
  } catch {
    return false;
  }
}

async function call(url: string, how: Pick<HttpCall, 'method' | 'headers' | 'roots' | 'body'>): Promise<string> {
  const to = new URL(url);
  const { status, text } = await callHttp({ ...how, url: to, timeoutMs, maxAnswerBytes }).catch((cause: unknown) => {
    throw new InjectorError('controller', `no usable answer from ${to.pathname}`, cause);
  });
  if (status >= 200 && status < 300) return text;
  throw new InjectorError('controller', `no usable answer from ${to.pathname}`, new Error(`got ${status}`));
}
