import { hasChar, toCharSet } from '../detectors/char-set.ts';
import { blobRunEnd, nextBlobRun } from '../scan/blob-runs.ts';
import { base64Codec, decodeBytes, hexCodec } from './blob-codec.ts';
import { minBlobChars, readTextBlob, type TextBlob } from './text-blob.ts';
import { follow } from './text-check.ts';

/** Base64 of something compressed: `source[start, end)`, padding included. */
export interface PackedBlob {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

export interface Blobs {
  readonly texts: readonly TextBlob[];
  readonly packed: readonly PackedBlob[];
}

/** Behind these an encoded text may begin within a run, as in `data=…`, `path/…` and `v1-…`. */
const joints = toCharSet('=/+_', '-');
const base64Looked = 16;
const hexLooked = 24;
const letterH = 0x48;
const letterE = 0x65;
/** Base64 of the first bytes of gzip, and of zlib at its four levels. */
const packedStart = /^(?:H4sI|eAE|eF4|eJ[w-z]|eN[o-r])/;

/**
 * The encoded texts of `text[start, end)`, in order. No character is decoded twice: behind what held text the search goes
 * on, and elsewhere a look costs at most two dozen characters for each joint.
 */
export function findBlobs(text: string, start: number, end: number): Blobs {
  const texts: TextBlob[] = [];
  const packed: PackedBlob[] = [];
  for (let at = nextBlobRun(text, start, end); at >= 0;) {
    const runEnd = blobRunEnd(text, at, end);
    searchRun(text, at, runEnd, { texts, packed });
    at = nextBlobRun(text, runEnd, end);
  }
  return { texts, packed };
}

/** True where `findBlobs` may find something: the same look, without decoding. */
export function mayHoldBlob(text: string, start: number, end: number): boolean {
  for (let at = nextBlobRun(text, start, end); at >= 0;) {
    const runEnd = blobRunEnd(text, at, end);
    if (mayHoldBlobIn(text, at, runEnd)) return true;
    at = nextBlobRun(text, runEnd, end);
  }
  return false;
}

/** The same for one run. */
export function mayHoldBlobIn(text: string, start: number, end: number): boolean {
  // Raw, the `n` of `\\n` would be taken for the run's first character.
  const first = text.charAt(start - 1) === '\\' ? start + 1 : start;
  for (let from = first; end - from >= minBlobChars; from = nextJoint(text, from, end)) {
    if (mayBegin(text, from)) return true;
  }
  return false;
}

function searchRun(
  text: string,
  start: number,
  end: number,
  found: { readonly texts: TextBlob[]; readonly packed: PackedBlob[] },
): void {
  let from = start;
  while (end - from >= minBlobChars) {
    if (isPacked(text, from)) {
      found.packed.push({ start: from, end, bytes: decodeBytes(base64Codec, text, from, paddingStart(text, end)) });
      return;
    }
    const blob = mayBegin(text, from) ? readTextBlob(text, from, end) : undefined;
    if (blob !== undefined) found.texts.push(blob);
    from = blob === undefined ? nextJoint(text, from, end) : blob.end;
  }
}

function paddingStart(text: string, end: number): number {
  let at = end;
  while (text.charAt(at - 1) === '=') at -= 1;
  return at;
}

function nextJoint(text: string, from: number, end: number): number {
  for (let i = from; i < end; i += 1) {
    if (hasChar(joints, text.charCodeAt(i))) return i + 1;
  }
  return end;
}

function isPacked(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  return (first === letterH || first === letterE) && packedStart.test(text.slice(at, at + 4));
}

/** Whether the first dozen bytes can be text's. Turns nearly everything away that is not. */
function mayBegin(text: string, at: number): boolean {
  return mayBeginBase64(text, at) || mayBeginHex(text, at) || isPacked(text, at);
}

function mayBeginBase64(text: string, at: number): boolean {
  let pending = 0;
  let held = 0;
  for (let i = 0; i < base64Looked; i += 1) {
    const value = base64Codec.valueOf(text.charCodeAt(at + i));
    if (value < 0) return false;
    held = ((held << 6) | value) & 0xffff;
    if (i % 4 === 0) continue;
    pending = follow(pending, (held >> (6 - 2 * (i % 4))) & 0xff);
    if (pending < 0) return false;
  }
  return true;
}

function mayBeginHex(text: string, at: number): boolean {
  let pending = 0;
  for (let i = at; i < at + hexLooked; i += 2) {
    const high = hexCodec.valueOf(text.charCodeAt(i));
    const low = hexCodec.valueOf(text.charCodeAt(i + 1));
    if (high < 0 || low < 0) return false;
    pending = follow(pending, high * 16 + low);
    if (pending < 0) return false;
  }
  return true;
}
