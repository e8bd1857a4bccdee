import type { MaskingSpec } from '@tachograph/protocol';
import { maskLimits } from './limits.ts';
import type { BelievedPoints } from './mask-policy.ts';
import { toMaskResult } from './to-mask-result.ts';
import { maskHeaderValues } from './header-masking.ts';
import type {
  FoundSpan,
  HeaderMaskResult,
  HeaderValues,
  MaskCrypto,
  MaskResult,
  MessageContext,
  OperatingPoint,
} from './mask-result.ts';
import { createRuleSet, type RuleSet } from './rule-set.ts';
import { createTextScanner } from './scan/text-scanner.ts';
import { failedEdit } from './walk/failed-edit.ts';
import { TextSequence } from './views/text-sequence.ts';
import { toOrderedEdits, type Edit } from './walk/edit.ts';
import { createStringReader } from './walk/json-string.ts';
import { findInText } from './walk/find-in-text.ts';
import { walkJson } from './walk/json-walk.ts';
import { textsOf, withRecognized } from './walk/recognized-texts.ts';
import type { WalkTools } from './walk/walk-tools.ts';

/** Finds and masks secrets. Pure; one masker serves any number of messages, one at a time. */
export interface Masker {
  /** Names the rule set: SHA-256 of all data that decides what is masked. */
  readonly rulesHash: string;
  /**
   * Resolves when all is loaded that the spec asks for: `fpe` (30 ms; before that it gives tokens) and `patterns` (10 ms;
   * before that texts with their keywords are refused). Never rejects.
   */
  readonly ready: Promise<void>;
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
  /** The texts in which a recognizer may look for names, each once, decoded; none where `maskJson` refuses. */
  readonly textsOf: (text: string) => readonly string[];
}

/** What a masker may be given besides its rules. */
export interface MaskerOptions {
  /** Key of the tokens that replace values; without it no rule gives tokens. */
  readonly tokenKey?: Uint8Array;
}

/** Compiles the rules once (about 1 ms). */
export function createMasker(spec: MaskingSpec, crypto: MaskCrypto, options: MaskerOptions = {}): Masker {
  return createMaskerWith(createRuleSet(spec), crypto, options);
}

/** The seam for tests: a rule set in which a detector may throw, spend its budget or never end. */
export function createMaskerWith(rules: RuleSet, crypto: MaskCrypto, options: MaskerOptions = {}): Masker {
  const scanner = createTextScanner(rules.detectors);
  const shared: WalkTools = {
    keys: rules.keys,
    scanner,
    reader: createStringReader(scanner),
    findInText,
    inflate: crypto.inflate,
  };
  const { believesWeak, createToolsFor } = rules.policy;
  const toolsFor = createToolsFor(shared, crypto, options.tokenKey);
  const prepare = (context: MessageContext | undefined): Prepared => ({
    tools: withRecognized(toolsFor(context), context?.recognized),
    believesWeak,
    context,
  });
  return {
    rulesHash: crypto.sha256(rules.canonical),
    ready: readyOf(rules),
    maskJson: (text, context) => refuseFailure(() => maskJson(text, prepare(context))),
    maskText: (text, context) => refuseFailure(() => maskText(text, prepare(context))),
    maskHeaders: (headers) => maskHeaderValues(headers, shared),
    textsOf: (text) => textsOf(text, shared),
    findText: (text, point = 'record') => findText(text, point, prepare(undefined)),
  };
}

async function readyOf({ policy, ready }: RuleSet): Promise<void> {
  await Promise.all([policy.ready, ready]);
}

/** A detector that throws has not inspected the message. What it threw may hold a value and is dropped. */
function refuseFailure(mask: () => MaskResult): MaskResult {
  try {
    return mask();
  } catch {
    return { kind: 'refused', reason: 'detector_failed' };
  }
}

/** What is the same for all of a message. */
interface Prepared {
  readonly tools: WalkTools;
  readonly believesWeak: BelievedPoints;
  readonly context: MessageContext | undefined;
}

function maskJson(text: string, { tools, believesWeak, context }: Prepared): MaskResult {
  if (text.length > maskLimits.maxLength) return { kind: 'refused', reason: 'too_large' };
  const sequence = new TextSequence(tools, context?.before);
  const walked = walkJson(text, tools, 0, sequence);
  if (walked.kind === 'refused') return walked;
  const result = toMaskResult(text, walked.edits, believesWeak, context?.outputSchema);
  return withTail(withUninspected(result, walked.uninspected), sequence, context);
}

function withUninspected(result: MaskResult, uninspected: number): MaskResult {
  return uninspected === 0 || result.kind === 'refused' ? result : { ...result, uninspected };
}

function maskText(text: string, { tools, believesWeak, context }: Prepared): MaskResult {
  if (text.length > maskLimits.maxLength) return { kind: 'refused', reason: 'too_large' };
  const edits = tools.findInText(text, tools, 1);
  if (context?.before === undefined) return toMaskResult(text, edits, believesWeak);
  const sequence = new TextSequence(tools, context.before);
  return withTail(toMaskResult(text, sequence.next(text, edits), believesWeak), sequence, context);
}

/** Told only to who says what came before, or could. */
function withTail(result: MaskResult, { tail }: TextSequence, context: MessageContext | undefined): MaskResult {
  return context === undefined || tail === '' || result.kind === 'refused' ? result : { ...result, tail };
}

function findText(text: string, point: OperatingPoint, { tools, believesWeak }: Prepared): readonly FoundSpan[] {
  const edits = findOrAll(text, tools);
  const believed = believesWeak[point] ? edits : edits.filter(({ weak }) => weak !== true);
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
