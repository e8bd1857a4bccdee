import { hexDigit } from './decoded-unit.ts';

/** A way of writing bytes in characters. */
export interface BlobCodec {
  readonly id: 'base64' | 'hex';
  /** Value of a character, or -1. */
  readonly valueOf: (code: number) => number;
  readonly bitsPerChar: number;
}

const base64Values = new Int8Array(128).fill(-1);
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
for (let value = 0; value < letters.length; value += 1) base64Values[letters.charCodeAt(value)] = value;
for (const char of '+-') base64Values[char.charCodeAt(0)] = 62;
for (const char of '/_') base64Values[char.charCodeAt(0)] = 63;

export const base64Codec: BlobCodec = {
  id: 'base64',
  valueOf: (code) => base64Values[code] ?? -1,
  bitsPerChar: 6,
};

export const hexCodec: BlobCodec = { id: 'hex', valueOf: hexDigit, bitsPerChar: 4 };

/** The bytes of `text[start, end)`, all of whose characters are the codec's; bits that fill no byte are left out. */
export function decodeBytes(codec: BlobCodec, text: string, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(((end - start) * codec.bitsPerChar) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = start; i < end && at < bytes.length; i += 1) {
    held = ((held << codec.bitsPerChar) | codec.valueOf(text.charCodeAt(i))) & 0xffff;
    bits += codec.bitsPerChar;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  return bytes;
}

const encoder = new TextEncoder();

/** Writes a text as `original` is written: its alphabet, its padding, its case of hex digits. */
export function encodeLike(codec: BlobCodec, original: string, text: string): string {
  const bytes = encoder.encode(text);
  if (codec.id === 'hex') return toHex(bytes, /[A-F]/.test(original));
  const isUrl = /[-_]/.test(original);
  const isPadded = original.endsWith('=') || (!isUrl && original.length % 4 === 0);
  const encoded = toBase64(bytes, isPadded);
  return isUrl ? encoded.replaceAll('+', '-').replaceAll('/', '_') : encoded;
}

function toHex(bytes: Uint8Array, isUpper: boolean): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return isUpper ? hex.toUpperCase() : hex;
}

function toBase64(bytes: Uint8Array, isPadded: boolean): string {
  const alphabet = `${letters}+/`;
  const groups: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const chars = Math.min(4, bytes.length - i + 1);
    let written = '';
    for (let char = 0; char < chars; char += 1) written += alphabet.charAt((group >> (18 - 6 * char)) & 0x3f);
    groups.push(isPadded ? written.padEnd(4, '=') : written);
  }
  return groups.join('');
}
