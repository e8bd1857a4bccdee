/** Step 5: nothing is written anywhere before it has passed here. */
import type { MaskResult } from '@tachograph/masking';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { RecordedMask } from '@tachograph/protocol';
import type { MaskerPort } from './ports.ts';

/** A message as the record, and where it is an answer the client, gets it. */
export type MaskedMessage =
  | { readonly kind: 'masked'; readonly body: string; readonly changed: boolean; readonly mask: RecordedMask }
  | { readonly kind: 'refused'; readonly reason: string };

/** Masks one JSON message. */
export function maskMessage(masker: MaskerPort, text: string): MaskedMessage {
  return toMasked(masker, text, masker.maskJson(text));
}

/** Masks text of any other form. */
export function maskPlain(masker: MaskerPort, text: string): MaskedMessage {
  return toMasked(masker, text, masker.maskText(text));
}

function toMasked(masker: MaskerPort, text: string, outcome: MaskResult): MaskedMessage {
  if (outcome.kind === 'refused') return outcome;
  const rules = masker.rulesHash;
  if (outcome.kind === 'clean') return { kind: 'masked', body: text, changed: false, mask: { rules, hits: 0 } };
  const { text: body, hits, spans } = outcome.record;
  return { kind: 'masked', body, changed: true, mask: { rules, hits, spans } };
}

/** Short texts that come with every call: names, paths, headers. Remembers what it masked, because they repeat. */
export interface CallMasks {
  short(masker: MaskerPort, text: string): string;
  headers(masker: MaskerPort, headers: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined;
  /** An id as the record may hold it: a number or UUID as it is, anything else masked. */
  id(masker: MaskerPort, text: string): string;
}

/** Headers of requests and answers that say something about the call. */
const keptHeaders = [
  'user-agent',
  'origin',
  'host',
  'content-type',
  'accept',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'retry-after',
] as const;

const rememberedTexts = 2000;
const longestRemembered = 1024;
const plainId = /^"?(?:\d{1,15}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"?$/i;

export function createCallMasks(): CallMasks {
  const texts = new LRUCache<string, string>({ max: rememberedTexts });
  const headerSets = new LRUCache<string, Readonly<Record<string, string>>>({ max: rememberedTexts });
  let rules = '';
  const followRules = (masker: MaskerPort): void => {
    if (masker.rulesHash === rules) return;
    rules = masker.rulesHash;
    texts.clear();
    headerSets.clear();
  };
  const short = (masker: MaskerPort, text: string): string => {
    followRules(masker);
    const known = texts.get(text);
    if (known !== undefined) return known;
    const outcome = masker.maskText(text);
    const masked = outcome.kind === 'clean' ? text : outcome.kind === 'masked' ? outcome.record.text : '[withheld]';
    if (text.length <= longestRemembered) texts.set(text, masked);
    return masked;
  };
  return {
    short,
    id: (masker, text) => (plainId.test(text) ? text : short(masker, text)),
    headers(masker, headers) {
      followRules(masker);
      const key = headerKey(headers);
      const known = headerSets.get(key);
      if (known !== undefined) return known;
      const kept: Record<string, string> = {};
      for (const [name, value] of Object.entries(headers)) {
        if (isKept(name) && typeof value === 'string') kept[name] = short(masker, value);
      }
      headerSets.set(key, kept);
      return kept;
    },
  };
}

const keptSet: ReadonlySet<string> = new Set(keptHeaders);

function isKept(name: string): boolean {
  return keptSet.has(name) || name.startsWith('mcp-param-');
}

/** Equal for equal kept headers. `Mcp-Param-*` are rare; only they cost a walk over all names. */
function headerKey(headers: IncomingHttpHeaders): string {
  let key = '';
  for (const name of keptHeaders) key += `${String(headers[name] ?? '')}\n`;
  if (headers['mcp-method'] === undefined) return key;
  for (const name of Object.keys(headers))
    if (name.startsWith('mcp-param-')) key += `${name}:${String(headers[name])}\n`;
  return key;
}
