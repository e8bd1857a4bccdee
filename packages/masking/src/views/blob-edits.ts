import { decodeUtf8 } from '@tachograph/protocol/json';
import { maskToken } from '../mask-token.ts';
import { applyEdits, toOrderedEdits, type Edit } from '../walk/edit.ts';
import type { WalkTools } from '../walk/walk-tools.ts';
import { encodeLike } from './blob-codec.ts';
import type { TextBlob } from './text-blob.ts';
import { findBlobs, type PackedBlob } from './text-blobs.ts';

/** A small thing may grow more than fourfold, which costs nothing. */
const minUnpacked = 16 * 1024;
const maxGrowth = 4;

/** Edits for what base64, hex, and gzip or zlib in base64 hold; blobs that `taken` touches are left to it. */
export function findInBlobs(text: string, taken: readonly Edit[], tools: WalkTools, nesting: number): readonly Edit[] {
  const { texts, packed } = findBlobs(text, 0, text.length);
  if (texts.length === 0 && packed.length === 0) return [];
  const isFree = createFreeCheck(taken);
  const inTexts = texts.filter(isFree).map((blob) => toBlobEdit(text, blob, tools, nesting));
  const isPackedFree = createFreeCheck(taken);
  const maxBytes = Math.max(minUnpacked, text.length * maxGrowth);
  const inPacked = packed.filter(isPackedFree).map((blob) => toPackedEdit(blob, maxBytes, tools, nesting));
  return [...inTexts, ...inPacked].filter((edit) => edit !== undefined).toSorted((a, b) => a.start - b.start);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Asked in order of `start`. Weak edits give way. */
function createFreeCheck(taken: readonly Edit[]): (span: Span) => boolean {
  const strong = taken.filter(({ weak }) => weak !== true);
  let at = 0;
  return ({ start, end }) => {
    while ((strong[at]?.end ?? Infinity) <= start) at += 1;
    return (strong[at]?.start ?? Infinity) >= end;
  };
}

function toBlobEdit(text: string, blob: TextBlob, tools: WalkTools, nesting: number): Edit | undefined {
  const edits = tools.findInText(blob.text, tools, nesting + 1);
  const summary = summarize(edits, blob);
  if (summary === undefined) return undefined;
  const source = text.slice(blob.start, blob.end);
  const { codec } = blob;
  const isExact = encodeLike(codec, source, blob.text) === source;
  const masked = applyEdits(blob.text, toOrderedEdits(edits));
  const replacement = isExact ? encodeLike(codec, source, masked) : maskToken(summary.rule);
  return { ...summary, replacement, parts: toParts(edits, blob) };
}

/** What was compressed cannot be spliced, so it goes as a whole. */
function toPackedEdit(blob: PackedBlob, maxBytes: number, tools: WalkTools, nesting: number): Edit | undefined {
  const bytes = tools.inflate?.(blob.bytes, maxBytes);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text === undefined) return undefined;
  const summary = summarize(tools.findInText(text, tools, nesting + 1), blob);
  return summary === undefined ? undefined : { ...summary, replacement: maskToken(summary.rule) };
}

/** The blob's edit bears the name of its first finding that is believed everywhere. */
function summarize(edits: readonly Edit[], { start, end }: Span): Omit<Edit, 'replacement'> | undefined {
  const first = edits.find(({ weak }) => weak !== true) ?? edits[0];
  if (first === undefined) return undefined;
  const { rule, path, weak } = first;
  return { start, end, rule, path: `#${path}`, ...(weak === true ? { weak } : {}) };
}

const encoder = new TextEncoder();

/** Where the findings stand in the source: to the character that holds their first and last bits. */
function toParts(edits: readonly Edit[], { codec, start, end, text }: TextBlob): readonly Edit[] {
  let counted = 0;
  let bytes = 0;
  const bytesBefore = (at: number): number => {
    if (at > counted) {
      bytes += encoder.encode(text.slice(counted, at)).length;
      counted = at;
    }
    return bytes;
  };
  return toOrderedEdits(edits).map((edit) => ({
    ...edit,
    path: `#${edit.path}`,
    start: start + Math.floor((bytesBefore(edit.start) * 8) / codec.bitsPerChar),
    end: Math.min(end, start + Math.ceil((bytesBefore(edit.end) * 8) / codec.bitsPerChar)),
  }));
}
