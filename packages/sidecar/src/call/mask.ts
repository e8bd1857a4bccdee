/** Step 5: nothing is written anywhere before it has passed here. */
import type { MaskedText, MessageContext } from '@tachograph/masking';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { MaskEvidence, RecordedMask } from '@tachograph/protocol';
import { longMessage } from '../masking/long-message.ts';
import type { LongBytes } from '../masking/long-bytes.ts';
import type { LongText, MaskForm } from '../masking/mask-job.ts';
import type { MaskOutcome, MaskRefused } from '../masking/mask-outcome.ts';
import type { IsWanted } from '../masking/mask-thread.ts';
import type { MaskerPort } from './ports.ts';

/** `Text`: what holds the message. */
export interface CopyOf<Text> {
  readonly kind: 'masked';
  /** For the record. */
  readonly body: Text;
  /** For the client; undefined: the bytes as they came. */
  readonly client: Text | undefined;
  readonly mask: RecordedMask;
  /** What the next message of the same stream is looked at with. */
  readonly tail: string | undefined;
  /** `client` does not fit the tool's output schema: it must not be released. */
  readonly isUnfit?: true;
}

/** A message as the record, and where it is an answer the client, gets it. */
export type MaskedMessage = CopyOf<string> | MaskRefused;

/** A long message, which is no string on this thread. */
export type LongMaskedMessage = CopyOf<string | LongText> | MaskRefused;

/** Masks one JSON message; a long one in another thread. */
export function maskMessage(
  masker: MaskerPort,
  text: string,
  context?: MessageContext,
): MaskedMessage | Promise<MaskedMessage> {
  return toMessage(masker, text, masker.maskJson(text, context));
}

/** Masks text of any other form. */
export function maskPlain(masker: MaskerPort, text: string): MaskedMessage | Promise<MaskedMessage> {
  return toMessage(masker, text, masker.maskText(text));
}

/** `isWanted`: false once nobody waits for the message. */
export interface LongMasking {
  readonly form: MaskForm;
  readonly context?: MessageContext;
  readonly isWanted?: IsWanted;
}

/** Masks the bytes of a long message in another thread. */
export async function maskLong(
  masker: MaskerPort,
  body: LongBytes,
  { form, context, isWanted }: LongMasking,
): Promise<LongMaskedMessage> {
  const outcome = await masker.maskBytes(form, body, context, isWanted);
  if (outcome.kind === 'refused') return outcome;
  if (outcome.kind === 'long-clean') {
    const bytes = new Uint8Array(body.buffer.buffer, body.buffer.byteOffset, body.length);
    return toMasked(masker, { bytes, sha256: outcome.sha256 }, { ...outcome, kind: 'clean' });
  }
  const { record, client } = outcome;
  return toMasked(masker, record.text, { ...outcome, kind: 'masked', client: client === 'same' ? record : client });
}

function toMessage(
  masker: MaskerPort,
  text: string,
  outcome: MaskOutcome | Promise<MaskOutcome>,
): MaskedMessage | Promise<MaskedMessage> {
  if (outcome instanceof Promise) return outcome.then((settled) => toMasked(masker, text, settled));
  return toMasked(masker, text, outcome);
}

/** A masked text, whatever holds it. */
interface Hidden<Text> {
  readonly text: Text;
  readonly hits: number;
  readonly spans: readonly MaskEvidence[];
}

type OutcomeOf<Text> =
  | Extract<MaskOutcome, { kind: 'clean' }>
  | (Omit<Extract<MaskOutcome, { kind: 'masked' }>, 'record' | 'client'> & {
      readonly record: Hidden<Text>;
      readonly client: Hidden<Text> | undefined;
    })
  | MaskRefused;

function toMasked<Text>(
  { rulesHash: rules }: MaskerPort,
  text: Text,
  outcome: OutcomeOf<Text>,
): CopyOf<Text> | MaskRefused {
  if (outcome.kind === 'refused') return outcome;
  const { tail } = outcome;
  if (outcome.kind === 'clean') {
    const mask = outcome.uninspected === undefined ? { rules, hits: 0 } : { rules, hits: 0, ...uninspectedIn(outcome) };
    return { kind: 'masked', body: text, client: undefined, mask, tail };
  }
  const { record, client } = outcome;
  const { hits, spans } = record;
  // The masker hid all of the leaf, so nothing of it stands anywhere; but nobody has looked at it.
  if (spans.some(({ rule }) => rule === 'budget-exceeded')) return { kind: 'refused', reason: 'budget_exceeded' };
  const seen = client === record ? [] : seenSpans(record, client);
  const mask = { rules, hits, spans, ...(seen.length === 0 ? {} : { client_saw: seen }), ...uninspectedIn(outcome) };
  const masked = { kind: 'masked', body: record.text, client: client?.text, mask, tail } as const;
  return outcome.unsafeForSchema === true ? { ...masked, isUnfit: true } : masked;
}

function uninspectedIn({ uninspected }: { readonly uninspected?: number }): Pick<RecordedMask, 'uninspected'> {
  return uninspected === undefined ? {} : { uninspected };
}

type SpansOf = Pick<MaskedText, 'spans'>;

/** What the record hides and the client saw (`architecture.md`, promise 4). */
function seenSpans(record: SpansOf, client: SpansOf | undefined): readonly MaskEvidence[] {
  const hidden = new Map((client?.spans ?? []).map((span) => [keyOf(span), span.count]));
  return record.spans.flatMap((span) => {
    const count = span.count - (hidden.get(keyOf(span)) ?? 0);
    return count > 0 ? [{ ...span, count }] : [];
  });
}

function keyOf({ rule, path, transform }: MaskEvidence): string {
  return `${rule}\n${path}\n${transform}`;
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
    // Nothing that should be short may hold up other calls.
    const outcome = text.length > longMessage ? undefined : masker.maskShort(text);
    if (outcome === undefined || outcome.kind === 'refused') return '[withheld]';
    const masked = outcome.kind === 'clean' ? text : outcome.record.text;
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
