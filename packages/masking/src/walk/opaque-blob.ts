import { maskToken } from '../mask-token.ts';
import { blobRuleId } from '../policy-rule-ids.ts';
import { base64Codec, decodeBytes } from '../views/blob-codec.ts';
import { TextCheck } from '../views/text-check.ts';
import { decodeString } from './decode-string.ts';
import type { Edit } from './edit.ts';

/** A string that may be bytes in base64: the content of a member `data` or `blob`, raw. */
export interface HeldBlob {
  readonly start: number;
  readonly end: number;
  /** `blob` says so; `data` needs a `mimeType` beside it. */
  readonly isNamed: boolean;
}

/** An object that holds blobs: `text[start, end)`. */
export interface BlobObject {
  readonly start: number;
  readonly end: number;
  /** It is not in a string, so that it can be written anew. */
  readonly isPlain: boolean;
}

/** Shorter encodings are not looked into. */
const minLooked = 24;
/** A multiple of four characters: whole bytes. */
const chunkLength = 4096;
/** Stands for an image or sound that a policy drops. */
const droppedItem = `{"type":"text","text":"${maskToken(blobRuleId)}"}`;

/** Those that are base64 of bytes that are no text. What is text was looked into; what is no base64, as it stands. */
export function findOpaque(text: string, blobs: readonly HeldBlob[], hasMime: boolean): readonly HeldBlob[] {
  return blobs.filter(({ start, end, isNamed }) => (isNamed || hasMime) && isOpaque(text.slice(start, end)));
}

/** Edits that leave none of an object's blobs. A content item gives way as a whole: clients reject an empty image. */
export function toBlobEdits(
  text: string,
  blobs: readonly HeldBlob[],
  { start, end, isPlain }: BlobObject,
): readonly Omit<Edit, 'path'>[] {
  const edit = { rule: blobRuleId, transform: 'drop' as const };
  if (isPlain && isContentItem(text, blobs, start, end)) return [{ ...edit, start, end, replacement: droppedItem }];
  return blobs.map((blob) => ({ ...edit, start: blob.start, end: blob.end, replacement: '' }));
}

function isContentItem(text: string, blobs: readonly HeldBlob[], start: number, end: number): boolean {
  const [first] = blobs;
  const last = blobs.at(-1);
  if (first === undefined || last === undefined || first.isNamed) return false;
  return /"type"\s*:\s*"(?:image|audio)"/.test(text.slice(start, first.start) + text.slice(last.end, end));
}

function isOpaque(raw: string): boolean {
  const decoded = decodeString(raw) ?? raw;
  const content = decoded.replaceAll(/[\s=]+/g, '');
  for (let i = 0; i < content.length; i += 1) {
    if (base64Codec.valueOf(content.charCodeAt(i)) < 0) return false;
  }
  return content !== '' && (content.length < minLooked || !isText(content));
}

function isText(content: string): boolean {
  const check = new TextCheck();
  for (let at = 0; at < content.length; at += chunkLength) {
    const end = Math.min(content.length, at + chunkLength);
    for (const byte of decodeBytes(base64Codec, content, at, end)) {
      if (!check.accept(byte)) return false;
    }
  }
  return check.isWhole();
}
