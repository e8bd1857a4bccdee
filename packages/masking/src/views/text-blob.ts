import { decodeUtf8 } from '@tachograph/protocol/json';
import { base64Codec, decodeBytes, hexCodec, type BlobCodec } from './blob-codec.ts';
import { TextCheck } from './text-check.ts';

/** Base64 or hex that holds text: `source[start, end)`, padding included. */
export interface TextBlob {
  readonly codec: BlobCodec;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Shorter ones hold too little to be told from other runs of letters and digits. */
export const minBlobChars = 24;
const equals = 0x3d;

/**
 * The longest text that `source[at, end)` begins with in base64 or hex; undefined if it holds none of `minBlobChars`.
 * Reads little more than what it returns, so that a caller who goes on behind it stays linear.
 */
export function readTextBlob(source: string, at: number, end: number): TextBlob | undefined {
  return readAs(hexCodec, source, at, end) ?? readAs(base64Codec, source, at, end);
}

function readAs(codec: BlobCodec, source: string, start: number, end: number): TextBlob | undefined {
  const stop = textEnd(codec, source, start, end);
  if (stop - start < minBlobChars) return undefined;
  const text = decodeUtf8(decodeBytes(codec, source, start, stop));
  return text === undefined ? undefined : { codec, start, end: withPadding(codec, source, start, stop, end), text };
}

/** End of the last whole group up to which the bytes are text; where the digits end also of a group cut short. */
function textEnd(codec: BlobCodec, source: string, start: number, end: number): number {
  const check = new TextCheck();
  const reader = { held: 0, bits: 0 };
  let good = start;
  let i = start;
  for (; i < end; i += 1) {
    const byte = nextByte(codec, reader, source.charCodeAt(i));
    if (byte === noDigit) break;
    if (byte === noByte) continue;
    if (!check.accept(byte)) return good;
    if (reader.bits === 0 && check.isWhole()) good = i + 1;
  }
  return check.isWhole() && reader.bits < codec.bitsPerChar ? i : good;
}

const noDigit = -2;
const noByte = -1;

function nextByte(codec: BlobCodec, reader: { held: number; bits: number }, code: number): number {
  const value = codec.valueOf(code);
  if (value < 0) return noDigit;
  reader.held = ((reader.held << codec.bitsPerChar) | value) & 0xffff;
  reader.bits += codec.bitsPerChar;
  if (reader.bits < 8) return noByte;
  reader.bits -= 8;
  return (reader.held >> reader.bits) & 0xff;
}

function withPadding(codec: BlobCodec, source: string, ...[start, stop, end]: [number, number, number]): number {
  let at = stop;
  while (codec.id === 'base64' && at < end && (at - start) % 4 !== 0 && source.charCodeAt(at) === equals) at += 1;
  return at;
}
