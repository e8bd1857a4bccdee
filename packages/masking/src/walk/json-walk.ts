import type { MaskTransform } from '@tachograph/protocol';
import type { Finding } from '../detectors/detector.ts';
import type { KeyClass } from '../detectors/key-matcher.ts';
import { maskLimits } from '../limits.ts';
import type { RefusalReason } from '../mask-result.ts';
import { countMaskedNames, isMaskToken, maskToken } from '../mask-token.ts';
import { pathRuleId } from '../policy-rule-ids.ts';
import { PathCursor } from '../rules-by-path/path-cursor.ts';
import { mayHoldViews } from '../views/find-in-views.ts';
import { isSequenceName, type TextSequence } from '../views/text-sequence.ts';
import { namesNextElement } from './array-name.ts';
import { decodeString } from './decode-string.ts';
import { redact } from '../transforms/replacer.ts';
import { applyEdits, toTextEdits, type Edit, type EditedText } from './edit.ts';
import { createFrame, keepBlob, keepForName, mayBeName, pointerOf, resetFrame, type Frame } from './frame.ts';
import { findInNumber, mayBeNamedNumber, mayBePersonal } from './number-finding.ts';
import { findOpaque, toBlobEdits, type HeldBlob } from './opaque-blob.ts';
import { hasBracket, literalEnd, numberEnd, skipBlanks } from './json-scalars.ts';
import { stringClean, stringInvalid, type StringView } from './json-string.ts';
import { roleOf, type MemberRole, type Position } from './member.ts';
import { toRawEdits } from './raw-offsets.ts';
import type { WalkTools } from './walk-tools.ts';

export type WalkResult =
  | {
      readonly kind: 'walked';
      readonly edits: readonly Edit[];
      /** Opaque blobs that stay. */
      readonly uninspected: number;
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

const doubleQuote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const openBracket = 0x5b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;
const maxNameLength = 128;
/** The object that holds a text: `result.content[0]`, `params`. Rows of data stand deeper. */
const maxSequenceDepth = 3;
const childPositions: Readonly<Record<MemberRole, Position>> = {
  other: 'elsewhere',
  name: 'elsewhere',
  value: 'elsewhere',
  verbatim: 'elsewhere',
  body: 'body',
  meta: 'meta',
  blob: 'elsewhere',
  mime: 'elsewhere',
};

/**
 * Walks the raw text of one JSON document, strictly (RFC 8259) and without recursion, and collects what to replace
 * (`masking.md` §4.1). `nesting` counts the strings that this document stands in; 0 is the message itself.
 * `sequence` joins the texts of a message to what came before them.
 */
export function walkJson(text: string, tools: WalkTools, nesting: number, sequence?: TextSequence): WalkResult {
  return new JsonWalk(text, tools, nesting, sequence).run();
}

class JsonWalk {
  readonly #text: string;
  readonly #tools: WalkTools;
  readonly #nesting: number;
  readonly #sequence: TextSequence | undefined;
  readonly #frames: Frame[] = [];
  readonly #edits: Edit[] = [];
  readonly #paths: PathCursor | undefined;
  #depth = -1;
  #at = 0;
  #keys = 0;
  #uninspected = 0;
  #refusal: RefusalReason = 'invalid';

  constructor(text: string, tools: WalkTools, nesting: number, sequence: TextSequence | undefined) {
    this.#text = text;
    this.#tools = tools;
    this.#nesting = nesting;
    this.#paths = tools.paths === undefined ? undefined : new PathCursor(tools.paths);
    this.#sequence = sequence;
  }

  run(): WalkResult {
    this.#at = skipBlanks(this.#text, 0);
    let isGood = this.#value(undefined);
    while (isGood && this.#depth >= 0) isGood = this.#member();
    if (!isGood) return { kind: 'refused', reason: this.#refusal };
    const end = skipBlanks(this.#text, this.#at);
    return end === this.#text.length
      ? { kind: 'walked', edits: this.#edits, uninspected: this.#uninspected }
      : { kind: 'refused', reason: 'invalid' };
  }

  /** Reads one member of the innermost container, or its end. */
  #member(): boolean {
    const frame = this.#frames[this.#depth];
    if (frame === undefined) return false;
    this.#at = skipBlanks(this.#text, this.#at);
    const code = this.#text.charCodeAt(this.#at);
    if (code === (frame.isArray ? closeBracket : closeBrace)) {
      this.#at += 1;
      this.#depth -= 1;
      if (frame.blobs !== undefined) this.#closeBlobs(frame, frame.blobs);
      return true;
    }
    if (frame.isFresh) frame.isFresh = false;
    else if (code === comma) this.#at = skipBlanks(this.#text, this.#at + 1);
    else return false;
    return frame.isArray ? this.#element(frame) : this.#property(frame);
  }

  #element(frame: Frame): boolean {
    frame.index += 1;
    frame.keyClass = frame.named ?? frame.inherited;
    frame.named = undefined;
    if (frame.position === 'envelope' && this.#depth === 0) this.#paths?.restart();
    else this.#paths?.enter(this.#depth, frame.index);
    return this.#value(frame);
  }

  #property(frame: Frame): boolean {
    if (this.#text.charCodeAt(this.#at) !== doubleQuote || !this.#key(frame)) return false;
    this.#at = skipBlanks(this.#text, this.#at);
    if (this.#text.charCodeAt(this.#at) !== colon) return false;
    this.#at = skipBlanks(this.#text, this.#at + 1);
    return this.#value(frame);
  }

  #key(frame: Frame): boolean {
    this.#keys += 1;
    if (this.#keys > maskLimits.maxKeys) {
      this.#refusal = 'too_many_keys';
      return false;
    }
    const { reader } = this.#tools;
    const start = this.#at + 1;
    const view = reader.read(this.#text, start, true);
    if (view === stringInvalid) return false;
    const { end } = reader.last;
    this.#at = end + 1;
    frame.keyStart = start;
    frame.keyEnd = end;
    if (this.#paths !== undefined) this.#paths.enter(this.#depth, this.#nameAt(start, end));
    frame.keyText = undefined;
    frame.keyClass = undefined;
    frame.isNameLoud = view !== stringClean;
    const isPlain = view === stringClean || !reader.last.escaped;
    frame.role = isPlain ? roleOf(frame.position, this.#text, start, end) : 'other';
    if (view !== stringClean && !this.#lookAtKey(frame, isPlain)) return false;
    if (frame.role === 'value' && frame.named !== undefined) frame.keyClass = frame.named;
    return true;
  }

  /** A name with a keyword: it may be a secret's name, or be a secret itself. */
  #lookAtKey(frame: Frame, isPlain: boolean): boolean {
    const raw = this.#text.slice(frame.keyStart, frame.keyEnd);
    const key = isPlain ? raw : decodeString(raw);
    if (key === undefined) return false;
    if (!isPlain) {
      frame.keyText = key;
      frame.role = roleOf(frame.position, key, 0, key.length);
    }
    const found = this.#tools.scanner.find(key, 0, key.length);
    if (found.length > 0) this.#maskKey(frame, key, found);
    frame.keyClass = this.#tools.keys.classify(frame.keyText ?? key);
    return true;
  }

  #nameAt(start: number, end: number): string {
    return decodeString(this.#text.slice(start, end)) ?? '';
  }

  /** Two names in one object must not become the same, so its masked names are numbered, also after one that was masked before. */
  #maskKey(frame: Frame, key: string, found: readonly Finding[]): void {
    if (frame.maskedKeys === 0) frame.maskedKeys = countMaskedNames(this.#text.slice(frame.start, frame.keyStart));
    const edits = found.map(({ rule, start, end }) => {
      frame.maskedKeys += 1;
      return { start, end, rule, path: '', replacement: maskToken(rule, frame.maskedKeys) };
    });
    frame.keyText = applyEdits(key, edits);
    const path = this.#pointer();
    for (const edit of toRawEdits(this.#text, frame.keyStart, edits)) this.#edits.push({ ...edit, path });
  }

  #value(frame: Frame | undefined): boolean {
    const code = this.#text.charCodeAt(this.#at);
    if (code === doubleQuote) return this.#string(frame);
    if (code === openBrace || code === openBracket) return this.#open(frame, code === openBracket);
    const end = numberEnd(this.#text, this.#at);
    return end < 0 ? this.#literal() : this.#number(frame, end);
  }

  #literal(): boolean {
    const end = literalEnd(this.#text, this.#at);
    this.#at = end;
    return end >= 0;
  }

  #open(parent: Frame | undefined, isArray: boolean): boolean {
    this.#depth += 1;
    this.#at += 1;
    if (this.#depth >= maskLimits.maxDepth) {
      this.#refusal = 'too_deep';
      return false;
    }
    const frame = (this.#frames[this.#depth] ??= createFrame());
    resetFrame(frame, isArray, this.#positionIn(parent), parent?.keyClass);
    frame.start = this.#at - 1;
    this.#paths?.open(this.#depth);
    return true;
  }

  /** Objects in a batch are envelopes too. */
  #positionIn(parent: Frame | undefined): Position {
    if (this.#nesting > 0) return 'elsewhere';
    if (parent === undefined) return 'envelope';
    if (parent.isArray) return parent.position === 'envelope' && this.#depth === 1 ? 'envelope' : 'elsewhere';
    return childPositions[parent.role];
  }

  #number(frame: Frame | undefined, end: number): boolean {
    const start = this.#at;
    this.#at = end;
    if (frame === undefined || frame.role === 'verbatim' || this.#isSettledByPath(start, end, true)) return true;
    if (frame.keyClass !== undefined) this.#maskNumber(frame.keyClass, start, end);
    else if (frame.role === 'value') keepForName(frame, start, end, true);
    else if (mayBePersonal(this.#text, start, end)) this.#lookAtNumber(frame, start, end, true);
    return true;
  }

  /** A count (`max_tokens`) is no secret; the type stays a number. */
  #maskNumber({ rule, plural }: KeyClass, start: number, end: number): void {
    const isZero = end - start === 1 && this.#text.charAt(start) === '0';
    if (plural || isZero) return;
    this.#mask({ rule, start, end, isNumber: true });
  }

  /** A number, or a string that only its name makes one: `{"phone": "699 956 915"}`. */
  #lookAtNumber(frame: Frame, start: number, end: number, isNumber: boolean): boolean {
    const key = frame.isArray ? undefined : (frame.keyText ?? this.#nameAt(frame.keyStart, frame.keyEnd));
    const found = findInNumber(this.#text.slice(start, end), key, this.#tools.scanner);
    if (found === undefined || (found.weak === true && !isNumber)) return false;
    this.#mask({ ...found, start, end, ...(isNumber ? { isNumber } : {}) });
    return true;
  }

  /** Replaces all of a string's content, or a number, unless the policy allows the value. */
  #mask({ rule, start, end, isNumber, weak }: Finding, transform?: MaskTransform): void {
    const { replacer = redact } = this.#tools;
    const raw = this.#text.slice(start, end);
    const stands = replacer({ rule, value: decodeString(raw) ?? raw, isNumber: isNumber === true }, transform);
    if (stands === undefined) return;
    this.#edits.push({ start, end, rule, path: this.#pointer(), ...stands, ...(weak === true ? { weak } : {}) });
  }

  /** True where a policy says what becomes of the place. */
  #isSettledByPath(start: number, end: number, isNumber: boolean): boolean {
    const verdict = this.#paths?.verdict;
    if (verdict === undefined) return false;
    if (verdict === 'keep') return true;
    if (!isNumber) this.#maskString(pathRuleId, start, end, verdict);
    else if (this.#text.slice(start, end) !== '0')
      this.#mask({ rule: pathRuleId, start, end, isNumber: true }, verdict);
    return true;
  }

  #string(frame: Frame | undefined): boolean {
    const { reader } = this.#tools;
    const start = this.#at + 1;
    const view = reader.read(this.#text, start, frame?.role === 'name');
    if (view === stringInvalid) return false;
    const { end, escaped } = reader.last;
    this.#at = end + 1;
    if (frame !== undefined && this.#isSettledByKey(frame, start, end)) return this.#isWellFormed(start, end);
    if (this.#isInSequence(frame)) return this.#sequenceLeaf(view, start, end);
    if (this.#mustRead(start, end)) return this.#decodedLeaf(frame, start, end);
    if (view === stringClean) return true;
    return escaped || mayHoldViews(this.#text, start, end)
      ? this.#decodedLeaf(frame, start, end)
      : this.#plainLeaf(frame, start, end);
  }

  /** A string with an escaped bracket is looked at in any case. */
  #mustRead(start: number, end: number): boolean {
    if (this.#tools.readsAll === true) return true;
    return this.#paths !== undefined && hasBracket(this.#text, start, end);
  }

  /** True where the name alone decides: the value is masked as a whole, or never. */
  #isSettledByKey(frame: Frame, start: number, end: number): boolean {
    if (frame.role === 'verbatim' || this.#isSettledByPath(start, end, false)) return true;
    if (frame.keyClass !== undefined) {
      this.#maskString(frame.keyClass.rule, start, end);
      return true;
    }
    if (frame.role === 'value') keepForName(frame, start, end, false);
    else if (frame.role === 'blob') keepBlob(this.#text, frame, start, end);
    else if (frame.role === 'mime') frame.hasMime = true;
    return frame.isNameLoud && mayBeNamedNumber(this.#text, start, end) && this.#lookAtNumber(frame, start, end, false);
  }

  #isWellFormed(start: number, end: number): boolean {
    return decodeString(this.#text.slice(start, end)) !== undefined;
  }

  #maskString(rule: string, start: number, end: number, transform?: MaskTransform): void {
    if (end === start || isMaskToken(this.#text, start, end)) return;
    this.#mask({ rule, start, end }, transform);
  }

  #closeBlobs({ hasMime, start }: Frame, blobs: readonly HeldBlob[]): void {
    const opaque = findOpaque(this.#text, blobs, hasMime);
    if (this.#tools.dropsBlobs !== true) {
      this.#uninspected += opaque.length;
      return;
    }
    const object = { start, end: this.#at, isPlain: this.#nesting === 0 };
    const path = this.#pointer();
    for (const edit of toBlobEdits(this.#text, opaque, object)) this.#edits.push({ ...edit, path });
  }

  #plainLeaf(frame: Frame | undefined, start: number, end: number): boolean {
    const found = this.#tools.scanner.find(this.#text, start, end);
    if (found.length > 0) {
      const path = this.#pointer();
      for (const edit of toTextEdits(found, 0, this.#source)) this.#edits.push({ ...edit, path });
    }
    if (mayBeName(frame)) this.#learnName(frame, this.#text.slice(start, end), toTextEdits(found, start));
    return true;
  }

  get #source(): EditedText {
    return { text: this.#text, replacer: this.#tools.replacer };
  }

  /** JSON in the current string is under the rules of the place. */
  #toolsBelow(): WalkTools {
    return this.#paths === undefined ? this.#tools : { ...this.#tools, paths: this.#paths.scopeBelow(this.#pointer()) };
  }

  #decodedLeaf(frame: Frame | undefined, start: number, end: number): boolean {
    const decoded = decodeString(this.#text.slice(start, end));
    if (decoded === undefined) return false;
    const edits = this.#tools.findInText(decoded, this.#toolsBelow(), this.#nesting + 1);
    if (mayBeName(frame)) this.#learnName(frame, decoded, edits);
    this.#keepDecoded(start, edits);
    return true;
  }

  /** The texts of content items, notifications and events are parts of one, as a client reads them. */
  #isInSequence(frame: Frame | undefined): boolean {
    if (this.#sequence === undefined || frame === undefined || frame.isArray) return false;
    if (this.#depth > maxSequenceDepth) return false;
    return isSequenceName(this.#text, frame.keyStart, frame.keyEnd);
  }

  #sequenceLeaf(view: StringView, start: number, end: number): boolean {
    const decoded = decodeString(this.#text.slice(start, end));
    if (decoded === undefined) return false;
    const isClean = view === stringClean && !this.#mustRead(start, end);
    const alone = isClean ? [] : this.#tools.findInText(decoded, this.#toolsBelow(), this.#nesting + 1);
    this.#keepDecoded(start, this.#sequence?.next(decoded, alone) ?? alone);
    return true;
  }

  #keepDecoded(start: number, edits: readonly Edit[]): void {
    if (edits.length === 0) return;
    const path = this.#pointer();
    for (const edit of toRawEdits(this.#text, start, edits)) this.#edits.push({ ...edit, path: path + edit.path });
  }

  /** `{"name": "DB_PASSWORD", "value": …}` in either order, `["--password", …]`, `["Authorization", …]`. */
  #learnName(frame: Frame, text: string, edits: readonly Edit[]): void {
    const name = text.length > maxNameLength * 2 ? text : applyEdits(text, edits);
    if (name.length > maxNameLength || (frame.isArray && !namesNextElement(name, this.#text, this.#at))) return;
    frame.named = this.#tools.keys.classify(name);
    if (frame.named !== undefined && frame.valueStart >= 0) this.#maskKept(frame, frame.named);
  }

  #maskKept(frame: Frame, named: KeyClass): void {
    const { valueStart, valueEnd, valueIsNumber, keyText } = frame;
    frame.valueStart = -1;
    frame.keyText = 'value';
    if (valueIsNumber) this.#maskNumber(named, valueStart, valueEnd);
    else this.#maskString(named.rule, valueStart, valueEnd);
    frame.keyText = keyText;
  }

  #pointer(): string {
    return pointerOf(this.#text, this.#frames, this.#depth, maskLimits.maxPathLength);
  }
}
