import { isJsonObject, parseStrictJson, type JsonObject } from '@tachograph/protocol';
import { isAllowedRedirect } from './redirect-policy.ts';

/** What comes of a registration request (RFC 7591). */
export type Registration =
  | { readonly kind: 'metadata'; readonly metadata: JsonObject }
  | {
      readonly kind: 'refused';
      readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata';
      readonly description: string;
    };

const maxRedirects = 10;
const maxNameLength = 200;
/** Texts that are shown or kept; everything else a client says about itself is dropped. */
const texts = ['client_name', 'client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'software_id', 'software_version'];

/**
 * Reads a registration. What our one kind of client must be (public, native, authorization code and refresh) replaces
 * what was asked, as RFC 7591 section 2 allows and the answer tells; redirects are never replaced but refused.
 */
export function parseRegistration(body: Uint8Array, allowedRedirects: readonly string[]): Registration {
  const parsed = parseObject(body);
  if (parsed === undefined) return refusedMetadata('expected a JSON object');
  const redirects = parsed['redirect_uris'];
  if (!isTextList(redirects) || redirects.length === 0) return refusedMetadata('expected redirect_uris');
  if (redirects.length > maxRedirects) return refusedMetadata(`expected at most ${maxRedirects} redirect_uris`);
  if (!redirects.every((uri) => isAllowedRedirect(uri, allowedRedirects))) {
    const description = 'expected http redirects on a loopback host, or ones that the installation allows';
    return { kind: 'refused', error: 'invalid_redirect_uri', description };
  }
  if (!texts.every((name) => isShortText(parsed[name], name))) return refusedMetadata('a text is too long or none');
  return {
    kind: 'metadata',
    metadata: {
      ...Object.fromEntries(texts.filter((name) => parsed[name] !== undefined).map((name) => [name, parsed[name]])),
      redirect_uris: redirects,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      response_modes: ['query'],
    },
  };
}

function parseObject(body: Uint8Array): JsonObject | undefined {
  const parsed = parseStrictJson(body);
  return parsed.kind === 'parsed' && isJsonObject(parsed.value) ? parsed.value : undefined;
}

function refusedMetadata(description: string): Registration {
  return { kind: 'refused', error: 'invalid_client_metadata', description };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isShortText(value: unknown, name: string): boolean {
  if (value === undefined) return true;
  return typeof value === 'string' && value.length <= (name.endsWith('_uri') ? 2048 : maxNameLength);
}
