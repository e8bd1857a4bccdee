import { base64Codec, decodeBytes } from '../views/blob-codec.ts';
import { TextCheck } from '../views/text-check.ts';

/** Shorter encodings are not looked into. */
const minLooked = 24;
/** A multiple of four characters: whole bytes. */
const chunkLength = 4096;

/**
 * True for base64 of bytes that are no text: an image, sound, an archive. What is text was looked into; what is no base64
 * was looked at as it stands.
 */
export function isOpaqueBlob(text: string, start: number, end: number): boolean {
  let last = end;
  while (last > start && text.charAt(last - 1) === '=') last -= 1;
  if (last === start) return false;
  for (let i = start; i < last; i += 1) {
    if (base64Codec.valueOf(text.charCodeAt(i)) < 0) return false;
  }
  return last - start < minLooked || !isText(text, start, last);
}

function isText(text: string, start: number, end: number): boolean {
  const check = new TextCheck();
  for (let at = start; at < end; at += chunkLength) {
    for (const byte of decodeBytes(base64Codec, text, at, Math.min(end, at + chunkLength))) {
      if (!check.accept(byte)) return false;
    }
  }
  return check.isWhole();
}
