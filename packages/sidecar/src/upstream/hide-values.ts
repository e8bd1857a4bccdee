/** Values that nobody may read, wherever a message holds them: replaced before the masker looks. */
import type { MaskedText, MessageContext } from '@tachograph/masking';
import type { MaskEvidence } from '@tachograph/protocol';
import type { MaskerPort } from '../call/ports.ts';
import { toLong } from '../masking/long-masking.ts';
import type { MaskOutcome } from '../masking/mask-outcome.ts';

const rule = 'upstream-credential';
const replacement = `[REDACTED:${rule}]`;

/** Exact occurrences, in JSON also with escapes. Not found: values in another encoding, or cut in two. */
export function hideValues(masker: MaskerPort, values: () => readonly string[]): MaskerPort {
  const patternOf = createPatterns();
  const hide = (text: string): Hidden => {
    let count = 0;
    let hidden = text;
    for (const value of values()) {
      if (!text.includes(value) && !mayBeEscaped(text, value)) continue;
      hidden = hidden.replace(patternOf(value), (found) => {
        count += 1;
        return replacement + escapeOfNext(found);
      });
    }
    return { text: hidden, count };
  };
  const mask = (
    text: string,
    apply: (hidden: string) => MaskOutcome | Promise<MaskOutcome>,
  ): MaskOutcome | Promise<MaskOutcome> => {
    const hidden = hide(text);
    const outcome = apply(hidden.text);
    if (hidden.count === 0) return outcome;
    return outcome instanceof Promise
      ? outcome.then((settled) => withHidden(settled, hidden))
      : withHidden(outcome, hidden);
  };
  return {
    rulesHash: masker.rulesHash,
    maskShort(text) {
      const hidden = hide(text);
      const outcome = masker.maskShort(hidden.text);
      return hidden.count === 0 ? outcome : withHidden(outcome, hidden);
    },
    maskJson: (text, context?: MessageContext) => mask(text, (hidden) => masker.maskJson(hidden, context)),
    maskText: (text, context?: MessageContext) => mask(text, (hidden) => masker.maskText(hidden, context)),
    readLong: async (text) => masker.readLong(text),
    readAnswer: async (body) => masker.readAnswer(body),
    readRequest: async (body, wants, isWanted) => masker.readRequest(body, wants, isWanted),
    // Their text is made here only where there is a value to look for.
    async maskBytes(form, body, context, isWanted) {
      const hidden = values().length === 0 ? undefined : hide(body.text());
      if (hidden === undefined || hidden.count === 0) return masker.maskBytes(form, body, context, isWanted);
      const { text } = hidden;
      const outcome = form === 'json' ? masker.maskJson(text, context) : masker.maskText(text, context);
      return toLong(withHidden(await outcome, hidden), body.buffer);
    },
  };
}

/**
 * Backslashes at the end of what was found that escape what follows it: an odd number of them cannot all be the value's,
 * save one alone in a plain text. They stay, or the text would be JSON no more.
 */
function escapeOfNext(found: string): string {
  const run = /\\*$/.exec(found)?.[0].length ?? 0;
  return run === 3 || run === 5 ? '\\' : run === 7 ? '\\\\\\' : '';
}

/** Without such an escape nothing is written in another way: the pattern is not tried on every message with a line break. */
function mayBeEscaped(text: string, value: string): boolean {
  if (!text.includes('\\')) return false;
  return text.includes('\\u') || ['/', '"', '\\'].some((it) => value.includes(it) && text.includes(`\\${it}`));
}

/** Whether a text holds one of the values. */
export function holdsValue(text: string, values: readonly string[]): boolean {
  return values.some((value) => text.includes(value));
}

interface Hidden {
  readonly text: string;
  readonly count: number;
}

/** The masker's outcome for the text without the values, as one for the text with them. */
function withHidden(outcome: MaskOutcome, hidden: Hidden): MaskOutcome {
  if (outcome.kind === 'refused') return outcome;
  const evidence: MaskEvidence = { rule, path: '', count: hidden.count, transform: 'redact' };
  const add = ({ text, hits, spans }: MaskedText): MaskedText => ({
    text,
    hits: hits + hidden.count,
    spans: [evidence, ...spans],
  });
  const alone: MaskedText = { text: hidden.text, hits: hidden.count, spans: [evidence] };
  if (outcome.kind === 'clean') return { ...outcome, kind: 'masked', record: alone, client: alone };
  const record = add(outcome.record);
  const { client } = outcome;
  if (client === undefined) return { ...outcome, record, client: alone };
  return { ...outcome, record, client: client === outcome.record ? record : add(client) };
}

/** A handful of values, each compiled once. */
function createPatterns(): (value: string) => RegExp {
  const known = new Map<string, RegExp>();
  return (value) => {
    const pattern = known.get(value) ?? new RegExp(Array.from(value, toPattern).join(''), 'g');
    if (known.size > 16) known.clear();
    known.set(value, pattern);
    return pattern;
  };
}

/** A character as JSON may write it, also within JSON in a string: itself or by code, with backslashes before. */
function toPattern(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  const literal = /[A-Za-z0-9]/.test(character) ? character : `\\u${code}`;
  const escapable = character === '/' || character === '"' || character === '\\' ? String.raw`\\{0,7}` : '';
  const byCode = code.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  return String.raw`(?:${escapable}${literal}|\\{1,8}u${byCode})`;
}
