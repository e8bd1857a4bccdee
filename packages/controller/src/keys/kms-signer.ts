/** An Ed25519 key in Google Cloud KMS behind the log's signing port: REST, since the client library would be the larger half of this program. */
import { createPublicKey } from 'node:crypto';
import { toCrc32c } from '@tachograph/store';
import { ControllerError } from '../controller-error.ts';
import { readAnswer } from '../http/read-answer.ts';
import type { LogSigner } from '../sequencer/log-key.ts';
import { keyIdOf, verifyEd25519 } from './signing-key.ts';

export interface KmsSignerOptions {
  /** `projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/N`. */
  readonly version: string;
  /** Default: Google's. */
  readonly endpoint?: string;
  /** Access token; not asked for where the endpoint is plain HTTP (an emulator). */
  readonly token: () => Promise<string>;
  readonly timeoutMs?: number;
}

const versionName = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+\/cryptoKeyVersions\/\d+$/;
const googleEndpoint = 'https://cloudkms.googleapis.com';
const algorithm = 'EC_SIGN_ED25519';
/** KMS takes at most 64 KiB of data. */
const maxBytes = 65_536;
/** A public key or a signature, and what stands beside it. */
const maxAnswerBytes = 64 * 1024;

/** The version's resource name from `gcpkms://<name>`; `undefined` when it is none. */
export function parseKmsAddress(text: string): string | undefined {
  const name = text.startsWith('gcpkms://') ? text.slice('gcpkms://'.length) : '';
  return versionName.test(name) ? name : undefined;
}

/**
 * Reads the public key and gives the signer. Rejects with `internal` when the version is no Ed25519 key, and with
 * `unavailable` when KMS does not answer. No signature leaves `sign` that does not hold under that key.
 */
export async function createKmsSigner(options: KmsSignerOptions): Promise<LogSigner> {
  const { version } = options;
  const found = await call(options, { method: 'GET', path: `${version}/publicKey` });
  const pem = textOf(found, 'pem');
  if (textOf(found, 'name') !== version || textOf(found, 'pemCrc32c') !== crcOf(pem)) {
    throw new ControllerError('unavailable', 'KMS answered with a damaged public key');
  }
  if (textOf(found, 'algorithm') !== algorithm) {
    throw new ControllerError('internal', `KMS key is ${textOf(found, 'algorithm')}; expected ${algorithm}`);
  }
  const publicKey = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    maxBytes,
    async sign(bytes) {
      const data = Buffer.from(bytes);
      const body = { data: data.toString('base64'), dataCrc32c: crcOf(data) };
      const path = `${version}:asymmetricSign`;
      const answer = await call(options, { method: 'POST', path, body });
      const signature = Buffer.from(textOf(answer, 'signature'), 'base64');
      const isOurs = textOf(answer, 'name') === version && answer.get('verifiedDataCrc32c') === true;
      const whole = isOurs && textOf(answer, 'signatureCrc32c') === crcOf(signature);
      if (!whole || !verifyEd25519(publicKey, data, signature)) {
        throw new ControllerError('unavailable', 'KMS answered with a signature that does not hold');
      }
      return signature;
    },
  };
}

/** CRC-32C as KMS writes it: a decimal number in a text. */
function crcOf(data: Uint8Array | string): string {
  return String(Buffer.from(toCrc32c(Buffer.from(data)), 'base64').readUInt32BE());
}

interface KmsCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

type Answer = ReadonlyMap<string, unknown>;

/** Int64 values come as texts, and sometimes as numbers. */
function textOf(answer: Answer, field: string): string {
  const value = answer.get(field);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

async function call(options: KmsSignerOptions, { method, path, body }: KmsCall): Promise<Answer> {
  const base = options.endpoint ?? googleEndpoint;
  const authorization = base.startsWith('https:') ? { authorization: `Bearer ${await options.token()}` } : {};
  try {
    const response = await fetch(`${base}/v1/${path}`, {
      method,
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
      redirect: 'error',
      headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const answer: unknown = JSON.parse(await readAnswer(response, maxAnswerBytes));
    return new Map<string, unknown>(Object.entries(answer ?? {}));
  } catch (error) {
    throw new ControllerError('unavailable', 'KMS gave no usable answer', { cause: error, retryAfterMs: 1000 });
  }
}
