/**
 * The application's own OAuth, where the policy leaves identity to it (`record-only`): it passes as it is, and what it is
 * made of is in no record. Maskers look for what is secret by its form; a code or an opaque token has none.
 */
import { isJsonObject } from '@tachograph/protocol';
import { parseJson } from '../controller-client/verify-statement.ts';
import type { Exchange } from './exchange.ts';

const names = [
  'access_token',
  'actor_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'code_verifier',
  'device_code',
  'id_token',
  'id_token_hint',
  'logout_token',
  'password',
  'refresh_token',
  'registration_access_token',
  'request',
  'subject_token',
  'user_code',
] as const;

/** In queries and forms a code is a secret; in JSON it is the number of an error. */
const pairs = new RegExp(`((?:^|[?&])(?:code|state|nonce|${names.join('|')})=)[^&#\\s]+`, 'gi');
const members = new RegExp(`("(?:${names.join('|')})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi');
const hidden = '[REDACTED:oauth]';

/** The text as a record may hold it; the same text where the sidecar itself finds out who calls. */
export function withoutOAuthSecrets({ identity }: Pick<Exchange, 'identity'>, text: string): string {
  if (identity === 'checked') return text;
  return text.replaceAll(pairs, `$1${hidden}`).replaceAll(members, `$1"${hidden}"`);
}

/** An answer of a token or registration endpoint, which is of no use to a client once it is masked. */
export function isOAuthAnswer({ identity }: Pick<Exchange, 'identity'>, text: string): boolean {
  if (identity !== 'record-only' || !/"(?:access_token|client_id|device_code)"/.test(text)) return false;
  const value = parseJson(text);
  return (
    isJsonObject(value) && ['access_token', 'client_id', 'device_code'].some((name) => typeof value[name] === 'string')
  );
}
