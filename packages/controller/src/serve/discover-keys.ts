/** An issuer's public keys by OpenID Connect Discovery. Everything is bounded; nothing but HTTPS is followed. */
import { ControllerError } from '../controller-error.ts';
import { isObject, parseObject } from '../state/state-json.ts';

const maxBytes = 512 * 1024;
const maxKeys = 100;
const timeoutMs = 10_000;

export type Fetch = (
  url: string,
  init: { readonly redirect: 'error'; readonly signal: AbortSignal },
) => Promise<Response>;

/** Rejects when the issuer does not answer, names another issuer, or answers too much. */
export async function discoverKeys(
  issuer: string,
  fetchUrl: Fetch = fetch,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const configuration = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, fetchUrl);
  if (configuration['issuer'] !== issuer) throw unusable(issuer, 'its configuration names another issuer');
  const jwksUri = configuration['jwks_uri'];
  if (typeof jwksUri !== 'string') throw unusable(issuer, 'its configuration names no jwks_uri');
  const { keys } = await readJson(jwksUri, fetchUrl);
  if (!Array.isArray(keys) || keys.length > maxKeys) throw unusable(issuer, `expected at most ${maxKeys} keys`);
  return keys.filter(isObject).map(toPublicKey);
}

const privateMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

/** An issuer that publishes private members must not make us spread them. */
function toPublicKey(jwk: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !privateMembers.has(name)));
}

async function readJson(url: string, fetchUrl: Fetch): Promise<Readonly<Record<string, unknown>>> {
  if (!url.startsWith('https://')) throw unusable(url, 'expected https');
  const response = await fetchUrl(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (response.status !== 200) throw unusable(url, `got ${response.status}`);
  const object = parseObject(await readBounded(url, response));
  if (object === undefined) throw unusable(url, 'not a JSON object');
  return object;
}

async function readBounded(url: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw unusable(url, `more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unusable(what: string, reason: string): ControllerError {
  return new ControllerError('unavailable', `${what}: ${reason}`);
}
