import type { MaskEvidence, MaskingSpec } from '@tachograph/protocol';
import { maskLimits } from './limits.ts';
import { maskHeaderValues } from './header-masking.ts';
import type {
  FoundSpan,
  HeaderMaskResult,
  HeaderValues,
  MaskCrypto,
  MaskedText,
  MaskResult,
  MessageContext,
  OperatingPoint,
} from './mask-result.ts';
import { createRuleSet, type RuleSet } from './rule-set.ts';
import { createTextScanner } from './scan/text-scanner.ts';
import { failedEdit } from './walk/failed-edit.ts';
import { TextSequence } from './views/text-sequence.ts';
import { applyEdits, toOrderedEdits, type Edit } from './walk/edit.ts';
import { createStringReader } from './walk/json-string.ts';
import { findInText } from './walk/find-in-text.ts';
import { walkJson } from './walk/json-walk.ts';
import type { WalkTools } from './walk/walk-tools.ts';

/** Finds and masks secrets. Pure; one masker serves any number of messages, one at a time. */
export interface Masker {
  /** Names the rule set: SHA-256 of all data that decides what is masked. */
  readonly rulesHash: string;
  /** One JSON-RPC message or batch, raw. Strict: what is not RFC 8259 is refused as `invalid`. Limits: `maskLimits`. */
  readonly maskJson: (text: string, context?: MessageContext) => MaskResult;
  /** Free text, or JSON that is no message (an SSE comment, a query value, standard error). */
  readonly maskText: (text: string, context?: MessageContext) => MaskResult;
  /** For the record. Evidence paths are `header:<name>`. */
  readonly maskHeaders: (headers: HeaderValues, context?: MessageContext) => HeaderMaskResult;
  /**
   * Where `maskText` would replace, in order and without overlap: offsets in the input. JSON in a text is one text here.
   * `point` is `record` where not said.
   */
  readonly findText: (text: string, point?: OperatingPoint) => readonly FoundSpan[];
}

export interface MaskerOptions {
  /** Key of the tokens that replace values; without it no rule gives tokens. */
  readonly tokenKey?: Uint8Array;
}

/** Compiles the rules once (about 1 ms). */
export function createMasker(spec: MaskingSpec, crypto: MaskCrypto, options: MaskerOptions = {}): Masker {
  return createMaskerWith(createRuleSet(spec), crypto, options);
}

/** The seam for tests: a rule set in which a detector may throw, spend its budget or never end. */
export function createMaskerWith(rules: RuleSet, crypto: MaskCrypto, _options: MaskerOptions = {}): Masker {
  const scanner = createTextScanner(rules.detectors);
  const tools: WalkTools = {
    keys: rules.keys,
    scanner,
    reader: createStringReader(scanner),
    findInText,
    inflate: crypto.inflate,
  };
  return {
    rulesHash: crypto.sha256(rules.canonical),
    maskJson: (text, context) => refuseFailure(() => maskJson(text, tools, context)),
    maskText: (text, context) => refuseFailure(() => maskText(text, tools, context)),
    maskHeaders: (headers) => maskHeaderValues(headers, tools),
    findText: (text, point = 'record') => findText(text, point, tools),
  };
}

/** A detector that throws has not inspected the message. What it threw may hold a value and is dropped. */
function refuseFailure(mask: () => MaskResult): MaskResult {
  try {
    return mask();
  } catch {
    return { kind: 'refused', reason: 'detector_failed' };
  }
}

function maskJson(text: string, tools: WalkTools, context?: MessageContext): MaskResult {
  if (text.length > maskLimits.maxLength) return { kind: 'refused', reason: 'too_large' };
  const sequence = new TextSequence(tools, context?.before);
  const walked = walkJson(text, tools, 0, sequence);
  return walked.kind === 'refused' ? walked : withTail(toResult(text, walked.edits), sequence, context);
}

function maskText(text: string, tools: WalkTools, context?: MessageContext): MaskResult {
  if (text.length > maskLimits.maxLength) return { kind: 'refused', reason: 'too_large' };
  const edits = findInText(text, tools, 1);
  if (context?.before === undefined) return toResult(text, edits);
  const sequence = new TextSequence(tools, context.before);
  return withTail(toResult(text, sequence.next(text, edits)), sequence, context);
}

/** Told only to who says what came before, or could. */
function withTail(result: MaskResult, { tail }: TextSequence, context: MessageContext | undefined): MaskResult {
  return context === undefined || tail === '' || result.kind === 'refused' ? result : { ...result, tail };
}

function findText(text: string, point: OperatingPoint, tools: WalkTools): readonly FoundSpan[] {
  const edits = findOrAll(text, tools);
  const believed = point === 'client' ? edits.filter(({ weak }) => weak !== true) : edits;
  const findings = toOrderedEdits(believed).flatMap((edit) => edit.parts ?? [edit]);
  return findings.map(({ rule, start, end }) => ({ rule, start, end }));
}

function findOrAll(text: string, tools: WalkTools): readonly Edit[] {
  try {
    return findInText(text, tools, 1);
  } catch {
    return [failedEdit(text)];
  }
}

/** Weak edits are for the record only; where there are none both points share one splice. */
function toResult(text: string, edits: readonly Edit[]): MaskResult {
  if (edits.length === 0) return { kind: 'clean' };
  const record = toMaskedText(text, edits);
  const strong = edits.filter(({ weak }) => weak !== true);
  if (strong.length === edits.length) return { kind: 'masked', record, client: record };
  return { kind: 'masked', record, client: strong.length === 0 ? undefined : toMaskedText(text, strong) };
}

function toMaskedText(text: string, edits: readonly Edit[]): MaskedText {
  const ordered = toOrderedEdits(edits);
  const findings = ordered.flatMap((edit) => edit.parts ?? [edit]);
  return { text: applyEdits(text, ordered), hits: findings.length, spans: toEvidence(findings) };
}

function toEvidence(edits: readonly Edit[]): readonly MaskEvidence[] {
  const counted = new Map<string, MaskEvidence>();
  for (const { rule, path, replacement } of edits) {
    const transform = replacement === '0' ? 'zero' : 'redact';
    const key = `${rule}\n${path}\n${transform}`;
    const known = counted.get(key);
    if (known === undefined && counted.size >= maskLimits.maxSpans) continue;
    counted.set(key, { rule, path, count: (known?.count ?? 0) + 1, transform });
  }
  return [...counted.values()];
}
