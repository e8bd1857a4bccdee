import { maskToken } from '../mask-token.ts';
import type { Edit } from '../walk/edit.ts';
import type { WalkTools } from '../walk/walk-tools.ts';
import { mergeEdits } from './merge-edits.ts';
import { openKeyStart, openSecretStart } from './open-secret.ts';

/** Characters of what came before that are kept, raw, to be read with what comes next. */
export const maxTail = 512;
/** Of a secret longer than that, so much of its beginning is kept: by it the rest is known. */
const keptOpening = 64;
/** A secret that began in the text before ends in so many characters, or is looked for in all. */
const headLength = 1024;
/** One that a text ends in, or that began in the text before. */
const splitRule = 'split-secret';

interface Across {
  readonly edits: readonly Edit[];
  /** Where, in the tail and the text, a secret begins that reaches the text's end; -1: none does. */
  readonly openFrom: number;
}

const nothing: Across = { edits: [], openFrom: -1 };

const sequenceNames: ReadonlySet<string> = new Set(['text', 'data', 'message', 'delta']);

/** True for the names of members whose strings follow each other: `text[start, end)`, raw. */
export function isSequenceName(text: string, start: number, end: number): boolean {
  const length = end - start;
  return length >= 4 && length <= 7 && sequenceNames.has(text.slice(start, end));
}

/**
 * The texts that follow each other in a request or a stream: content items, notifications, events (`masking.md` §4.8).
 * A secret may be split over two of them.
 */
export class TextSequence {
  readonly #tools: WalkTools;
  #tail: string;
  /** The texts so far are of this message: separate, as a rule. */
  #isWithinMessage = false;

  constructor(tools: WalkTools, before = '') {
    this.#tools = tools;
    this.#tail = before.slice(-maxTail);
  }

  /** Raw; the `before` of what comes next. */
  get tail(): string {
    return this.#tail;
  }

  /** True where the next text has to be read with what came before. */
  get hasTail(): boolean {
    return this.#tail !== '';
  }

  /** All edits of the next text: `edits`, found in it alone, and the rest or the beginning of a secret that is split. */
  next(text: string, edits: readonly Edit[]): readonly Edit[] {
    const isApart = this.#isWithinMessage && !isJoined(this.#tail, text);
    const across = isApart ? nothing : this.#findAcross(text);
    const found = mergeEdits(across.edits, edits);
    const open = endsMasked(text, found) ? nothing : this.#findOpen(text, isApart);
    const all = mergeEdits(found, open.edits);
    this.#isWithinMessage = true;
    this.#tail = this.#nextTail(text, all, Math.max(across.openFrom, open.openFrom));
    return all;
  }

  #findAcross(text: string): Across {
    const joint = this.#tail.length;
    if (joint === 0 || text === '') return nothing;
    const found = this.#scanAcross(text).filter(({ end }) => end > joint);
    const split = found.filter(({ start }) => start < joint);
    const edits = this.#isWithinMessage ? split : found;
    const openFrom = split.find(({ end }) => end === joint + text.length)?.start ?? -1;
    return { edits: edits.map((edit) => moveBack(edit, joint)), openFrom };
  }

  /** A token that the text ends in the middle of; it may have begun before it. */
  #findOpen(text: string, isApart: boolean): Across {
    const before = isApart || text.length > maxTail ? '' : this.#tail;
    const start = openSecretStart(before + text);
    if (start < 0) return nothing;
    const edits = [toSplitEdit(Math.max(0, start - before.length), text.length)];
    return { edits, openFrom: start + this.#tail.length - before.length };
  }

  /** The tail and as much of the text as what is found in them needs. */
  #scanAcross(text: string): readonly Edit[] {
    const head = this.#tail + text.slice(0, headLength);
    const found = this.#scan(head);
    const isCut = text.length > headLength && found.at(-1)?.end === head.length;
    return isCut ? this.#scan(this.#tail + text) : found;
  }

  /** As free text: what is cut somewhere is no JSON. */
  #scan(text: string): readonly Edit[] {
    return this.#tools.findInText(text, this.#tools, 2);
  }

  /** Of a secret that is still open its beginning, then the end of the text. */
  #nextTail(text: string, edits: readonly Edit[], openFrom: number): string {
    const joined = this.#tail + text.slice(-maxTail * 2);
    const last = edits.at(-1);
    if (openFrom >= 0) return keepOpening(this.#tail + text, openFrom);
    const key = openKeyStart(text);
    if (key >= 0) return keepOpening(text, key);
    const isOpen = last !== undefined && last.end === text.length && last.parts === undefined;
    return isOpen ? keepOpening(text, last.start) : joined.slice(-maxTail);
  }
}

/** Separate texts share a secret only where the one goes on without a blank where the other ends, or a key is open. */
function isJoined(before: string, text: string): boolean {
  return openKeyStart(before) >= 0 || (/\S$/.test(before) && /^\S/.test(text));
}

function endsMasked(text: string, edits: readonly Edit[]): boolean {
  return edits.at(-1)?.end === text.length;
}

function moveBack({ parts, ...edit }: Edit, by: number): Edit {
  const [start, end] = [Math.max(0, edit.start - by), edit.end - by];
  if (edit.start >= by && parts === undefined) return { ...edit, start, end };
  return { ...toSplitEdit(start, end), ...(edit.weak === true ? { weak: true } : {}) };
}

function toSplitEdit(start: number, end: number): Edit {
  return { start, end, rule: splitRule, path: '', replacement: maskToken(splitRule) };
}

function keepOpening(text: string, start: number): string {
  if (text.length - start <= maxTail) return text.slice(-maxTail);
  return text.slice(start, start + keptOpening) + text.slice(keptOpening - maxTail);
}
