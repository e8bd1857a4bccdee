/** The controller's API, over TLS that is checked against the trust root alone (`contracts.md`, Trust). */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { request } from 'node:https';
import { apiError, parseJson, statementText, trustAnswer, trustPayload, type ApiErrorCode } from '@tachograph/protocol';
import { CliError, type CliErrorCode } from '../cli-error.ts';

export interface ControllerAddress {
  readonly url: string;
  readonly token: string;
  /** `sha256:<hex>` of the trust root. */
  readonly trust: string;
}

/** A schema of `protocol`, as far as it is used here. */
interface Schema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

export interface ControllerClient {
  /** Throws `CliError`: `refused` and `not_found` with the controller's reason, else `controller`. */
  call<T>(schema: Schema<T>, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
}

const timeoutMs = 45_000;
const longestAnswer = 64 * 1024 * 1024;

/** Asks for the trust statement first, as a sidecar does; nothing is sent to a controller that cannot show the root. */
export async function connectController({ url, token, trust }: ControllerAddress): Promise<ControllerClient> {
  const roots = await trustedRoots(url, trust);
  return {
    async call(schema, method, path, body) {
      const answer = await send(url, { method, path, roots, token, ...(body === undefined ? {} : { body }) });
      if (answer.status >= 400) throw refusalOf(answer);
      const result = schema.safeParse(parseJson(answer.text));
      if (!result.success)
        throw new CliError('controller', `the controller's answer to ${method} ${path} is not as agreed`);
      return result.data;
    },
  };
}

async function trustedRoots(url: string, trust: string): Promise<readonly string[]> {
  const answer = trustAnswer.safeParse(parseJson((await send(url, { method: 'GET', path: '/v1/trust' })).text));
  if (!answer.success) throw new CliError('controller', `no trust statement at ${url}: is it a controller?`);
  const { root, statement } = answer.data;
  const spki = Buffer.from(root, 'base64');
  if (`sha256:${createHash('sha256').update(spki).digest('hex')}` !== trust) {
    throw new CliError('refused', `the controller at ${url} has another trust root than ${trust}`);
  }
  const { type, payload, sig } = statement;
  const isSigned = type === 'trust' && isSignature(spki, statementText(type, payload), Buffer.from(sig, 'base64'));
  const content = trustPayload.safeParse(parseJson(payload));
  if (!isSigned || !content.success)
    throw new CliError('refused', `the trust statement of ${url} is not signed by its root`);
  return content.data.tlsRoots;
}

function isSignature(spki: Buffer, text: string, sig: Buffer): boolean {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(text), key, sig);
  } catch {
    return false;
  }
}

interface Call {
  readonly method: string;
  readonly path: string;
  /** PEM; without, TLS proves nothing and nothing secret is sent. */
  readonly roots?: readonly string[];
  readonly token?: string;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(url: string, { method, path, roots, token, body }: Call): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(new URL(path, url), {
    method,
    agent: false,
    timeout: timeoutMs,
    ...(roots === undefined ? { rejectUnauthorized: false } : { ca: [...roots] }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined || roots === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
  outgoing.on('error', reject);
  outgoing.on('response', (incoming) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestAnswer) incoming.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    incoming.on('error', reject);
    incoming.on('end', () =>
      resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
    );
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return promise.catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('controller', `cannot reach the controller at ${url}: ${why}`, { cause });
  });
}

/** What the controller says no to is a refusal; what it cannot answer now is not. */
const kinds: Partial<Readonly<Record<ApiErrorCode, CliErrorCode>>> = {
  not_found: 'not_found',
  bad_request: 'usage',
  unavailable: 'controller',
  internal: 'controller',
};

function refusalOf({ status, text }: Answer): CliError {
  const error = apiError.safeParse(parseJson(text));
  if (!error.success) return new CliError('controller', `the controller answered ${status}`);
  const { code, message } = error.data;
  return new CliError(kinds[code] ?? 'refused', `${message} (${code})`);
}
