import { parseDurationMs, SettingsError, type SettingsReader } from '@tachograph/service';
import type { AuthSettings, UpstreamSettings } from '@tachograph/authserver';

/** Settings of the auth server as they are written; the secret and the roots are files, which may change. */
export interface HostedAuthSettings {
  /** `TACHO_AUTH_URL`: origin under which browsers and clients reach this controller; absent: only through port-forwards. */
  readonly publicUrl: string | undefined;
  /** `TACHO_AUTH_UPSTREAM`, `…_CLIENT_ID`, `…_SCOPES`, `…_SUBJECT_CLAIM`, `…_GROUPS_CLAIM`, `…_GROUPS`, `…_OVERAGE`. */
  readonly upstream: Omit<UpstreamSettings, 'clientSecret' | 'ca'>;
  /** `TACHO_AUTH_CLIENT_SECRET_FILE`: read again when it changes. */
  readonly clientSecretFile: string;
  /** `TACHO_AUTH_UPSTREAM_CA_FILE`: PEM roots of the provider beside the system's. */
  readonly upstreamCaFile: string | undefined;
  /** `TACHO_AUTH_REDIRECTS`: redirects besides loopback ones. */
  readonly redirects: readonly string[];
  /** `TACHO_HOSTS`: names under which recorded servers are reached besides their Services, or `*.suffix`. */
  readonly resourceHosts: readonly string[];
  /** `TACHO_AUTH_CLIENT_METADATA`: hosts whose client-id metadata documents are fetched; `off`, the default: none. */
  readonly clientMetadata: AuthSettings['clientMetadata'];
  /** `TACHO_AUTH_ACCESS`: how long one token lasts; absent: the auth server's own measure. */
  readonly accessMs: number | undefined;
  /** `TACHO_AUTH_REFRESH`: how long a login lasts, however often its tokens are refreshed. */
  readonly refreshMs: number;
}

const prefix = 'TACHO_AUTH_';
const names = [
  'CLIENT_ID',
  'CLIENT_SECRET_FILE',
  'URL',
  'SCOPES',
  'SUBJECT_CLAIM',
  'GROUPS_CLAIM',
  'GROUPS',
  'OVERAGE',
  'REDIRECTS',
  'CLIENT_METADATA',
  'UPSTREAM_CA_FILE',
  'ACCESS',
  'REFRESH',
] as const;

const hourMs = 3_600_000;

/** `undefined` without `TACHO_AUTH_UPSTREAM`: there is no auth server. Throws `SettingsError`. */
export function readAuthSettings(reader: SettingsReader): HostedAuthSettings | undefined {
  const issuer = readIssuer(reader);
  if (issuer === undefined) return refuseOthers(reader);
  return {
    publicUrl: reader.parsed('TACHO_AUTH_URL', 'https://host[:port], without a path', parseOrigin),
    upstream: readUpstream(reader, issuer),
    clientSecretFile: reader.required('TACHO_AUTH_CLIENT_SECRET_FILE', 'a file with the secret of this client'),
    upstreamCaFile: reader.text('TACHO_AUTH_UPSTREAM_CA_FILE'),
    redirects: readEach(
      reader,
      'REDIRECTS',
      'custom schemes (cursor:) and https URLs without user, query and fragment',
      isRedirect,
    ),
    resourceHosts: reader.list('TACHO_HOSTS').map((host) => host.toLowerCase()),
    clientMetadata: readClientMetadata(reader),
    accessMs: readBetween(reader, 'TACHO_AUTH_ACCESS', { min: '1m', max: '1h' }),
    refreshMs: readBetween(reader, 'TACHO_AUTH_REFRESH', { min: '5m', max: '720h' }) ?? 12 * hourMs,
  };
}

function readIssuer(reader: SettingsReader): string | undefined {
  const expected = 'the https URL of an OpenID Connect issuer, without user, query and fragment';
  // What may be a password is not said again.
  if (reader.text('TACHO_AUTH_UPSTREAM')?.includes('@') === true)
    throw new SettingsError('TACHO_AUTH_UPSTREAM', '(not shown)', expected);
  return reader.parsed('TACHO_AUTH_UPSTREAM', expected, parseIssuer);
}

/** Half a configuration is a mistake, not a wish for none. */
function refuseOthers(reader: SettingsReader): undefined {
  const set = names.find((name) => reader.text(`${prefix}${name}`) !== undefined);
  if (set === undefined) return undefined;
  throw new SettingsError('TACHO_AUTH_UPSTREAM', undefined, `an issuer URL, because ${prefix}${set} is set`);
}

function readUpstream(reader: SettingsReader, issuer: string): HostedAuthSettings['upstream'] {
  const scopes = (reader.text('TACHO_AUTH_SCOPES') ?? 'openid profile email').split(/[\s,]+/).filter(Boolean);
  if (!scopes.includes('openid'))
    throw new SettingsError('TACHO_AUTH_SCOPES', scopes.join(' '), 'scopes, openid among them');
  return {
    issuer,
    clientId: reader.required('TACHO_AUTH_CLIENT_ID', 'the id under which the issuer knows this installation'),
    scopes,
    subjectClaim: reader.text('TACHO_AUTH_SUBJECT_CLAIM') ?? 'sub',
    groupsClaim: reader.text('TACHO_AUTH_GROUPS_CLAIM') ?? 'groups',
    groups: reader.list('TACHO_AUTH_GROUPS'),
    overage: reader.oneOf('TACHO_AUTH_OVERAGE', ['refuse', 'drop'], 'refuse'),
  };
}

/**
 * Off unless it is asked for: a client that prefers its document over registration fails at a host that is not listed,
 * where without documents it would have registered.
 */
function readClientMetadata(reader: SettingsReader): AuthSettings['clientMetadata'] {
  if ((reader.text('TACHO_AUTH_CLIENT_METADATA') ?? 'off') === 'off') return { enabled: false, allow: [] };
  const allow = readEach(reader, 'CLIENT_METADATA', 'off, or host names that may contain *', isHostGlob);
  return { enabled: true, allow };
}

/** `undefined` where it is not set. */
function readBetween(
  reader: SettingsReader,
  name: string,
  { min, max }: { readonly min: string; readonly max: string },
): number | undefined {
  const limits = [min, max].map((text) => parseDurationMs(text) ?? Number.NaN);
  const [least = Number.NaN, most = Number.NaN] = limits;
  return reader.parsed(name, `a duration from ${min} to ${max}`, (text) => {
    const ms = parseDurationMs(text);
    return ms !== undefined && ms >= least && ms <= most ? ms : undefined;
  });
}

function readEach(
  reader: SettingsReader,
  name: (typeof names)[number],
  expected: string,
  isGood: (item: string) => boolean,
): readonly string[] {
  const items = reader.list(`${prefix}${name}`);
  const bad = items.find((item) => !isGood(item));
  if (bad !== undefined) throw new SettingsError(`${prefix}${name}`, bad, expected);
  return items;
}

const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** https, or http to this machine: the secret and everybody's login pass there. */
function parseProtected(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || /[?#]/.test(text)) return undefined;
  const isProtected = url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname));
  return isProtected ? url : undefined;
}

/** As written: an issuer is compared byte by byte. */
function parseIssuer(text: string): string | undefined {
  return parseProtected(text) === undefined ? undefined : text;
}

function parseOrigin(text: string): string | undefined {
  const url = parseProtected(text);
  return url?.pathname === '/' ? url.origin : undefined;
}

/** Schemes that browsers run or open themselves. */
const refusedSchemes = /^(?:https?|javascript|data|file|blob|about|view-source|ws|wss|ftp|vbscript|filesystem):$/;

function isRedirect(text: string): boolean {
  if (/^[a-z][a-z0-9+.-]{1,63}:$/.test(text)) return !refusedSchemes.test(text);
  return text.startsWith('https://') && parseProtected(text) !== undefined;
}

function isHostGlob(text: string): boolean {
  return /^(?=.{1,253}$)[a-z0-9*]([a-z0-9*-]{0,62})(\.[a-z0-9*][a-z0-9*-]{0,62})*$/.test(text);
}
