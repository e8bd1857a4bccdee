/** The credential towards the server (`docs/limits.md`, Upstream credentials): the sidecar reads it, the server gets it, nobody else sees it. */
import type { UpstreamSpec } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';

/** A key of a Secret of the pod's namespace. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** Where the credential is. In a pod the webhook says which Secret it mounted; without one the file alone counts. */
export interface CredentialSettings {
  readonly file: string | undefined;
  readonly mounted: SecretKey | undefined;
}

/** `usable`: the header's whole value. `missing`: calls must be refused, because the server would get them without. */
export type Credential =
  | { readonly kind: 'usable'; readonly header: string; readonly value: string }
  | { readonly kind: 'missing'; readonly header: string; readonly reason: string };

export interface Credentials {
  /** The credential that a policy asks for, as the file says it now. */
  of(spec: UpstreamSpec): Credential;
  /** Every value of the file since the start, newest first, without prefix: what must not stand anywhere. */
  values(): readonly string[];
}

export interface CredentialsOptions {
  readonly settings: CredentialSettings;
  readonly clock: Clock;
  /** The text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** The kubelet replaces the file of a changed Secret by itself, within a minute or so. */
const rereadNs = 1e9;
const shortest = 8;
const longest = 8192;
/** Answers to calls with an earlier value may still be on their way. */
const rememberedValues = 4;
/** What no header value may hold, or would not keep. */
const usable = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

type Content =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'unusable' };

/** Reads the file at most once a second, when asked; a value that can no longer be read is not used any more. */
export function createCredentials({ settings, clock, readFile }: CredentialsOptions): Credentials {
  const { file, mounted } = settings;
  let readAtNs = Number.NEGATIVE_INFINITY;
  let content: Content = { kind: 'none' };
  let known: readonly string[] = [];
  const current = (): Content => {
    const nowNs = clock.monotonicNs();
    if (file === undefined || nowNs - readAtNs < rereadNs) return content;
    readAtNs = nowNs;
    content = readContent(file, readFile);
    if (content.kind === 'value' && content.text !== known[0]) known = remember(known, content.text);
    return content;
  };
  return {
    of(spec) {
      const { header, prefix = '', secret } = spec;
      const reason = misfit(settings, secret);
      if (reason !== undefined) return { kind: 'missing', header, reason };
      const read = current();
      if (read.kind === 'value') return { kind: 'usable', header, value: prefix + read.text };
      return { kind: 'missing', header, reason: reasons[read.kind](mounted ?? secret) };
    },
    values() {
      current();
      return known;
    },
  };
}

/** No credential, whatever a policy asks for. */
export const noCredentials: CredentialSettings = { file: undefined, mounted: undefined };

function remember(known: readonly string[], text: string): readonly string[] {
  return [text, ...known.filter((one) => one !== text)].slice(0, rememberedValues);
}

function readContent(file: string, readFile: (path: string) => string): Content {
  try {
    // Most tools that write Secrets end the text with a line break.
    const text = readFile(file).replace(/[\r\n]+$/, '');
    if (text === '') return { kind: 'none' };
    const fits = text.length >= shortest && text.length <= longest && usable.test(text);
    return fits ? { kind: 'value', text } : { kind: 'unusable' };
  } catch {
    return { kind: 'none' };
  }
}

const reasons = {
  none: ({ name, key }: SecretKey) => `key ${key} of Secret ${name} is not there, or empty`,
  unusable: ({ name, key }: SecretKey) =>
    `key ${key} of Secret ${name} is no header value of ${shortest} to ${longest} printable characters`,
} as const;

/** The pod was made for another policy than the one in force. */
function misfit({ file, mounted }: CredentialSettings, { name, key }: SecretKey): string | undefined {
  if (file === undefined) return `Secret ${name} is not mounted here: the pod is older than the policy, restart it`;
  if (mounted === undefined || (mounted.name === name && mounted.key === key)) return undefined;
  return `key ${mounted.key} of Secret ${mounted.name} is mounted, but the policy names ${key} of ${name}: restart the pod`;
}
