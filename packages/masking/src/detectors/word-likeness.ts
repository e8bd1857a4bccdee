import { wordLikenessTable } from './word-likeness-table.ts';

const letters = 27;
const step = 0.2;
const lowest = -6.4;
const maxRead = 96;

/** How much the letters of a value look like words, instead of counting its entropy (`masking.md` §3). */
export interface WordLikeness {
  readonly letters: number;
  /** Bits in favour of words against letters drawn at random, over all words of the value. */
  readonly bits: number;
  /** The least and the most word-like of its words of three letters or more; 0 where there is none. */
  readonly worst: number;
  readonly best: number;
}

const letterCodes = toLetterCodes();
const table = decodeTable();

function toLetterCodes(): Uint8Array {
  const codes = new Uint8Array(0x250);
  for (let code = 0; code < codes.length; code += 1) {
    const base = String.fromCharCode(code).normalize('NFD').charCodeAt(0) | 0x20;
    if (base >= 0x61 && base <= 0x7a) codes[code] = base - 0x60;
  }
  return codes;
}

function decodeTable(): Float32Array {
  const bits = new Float32Array(letters ** 3);
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let i = 0; i < bits.length; i += 1) bits[i] = lowest + step * digits.indexOf(wordLikenessTable.charAt(i));
  return bits;
}

/** Reads at most 96 characters. Words end at what is no letter and where a capital follows a small letter. */
export function measureWords(text: string, start: number, end: number): WordLikeness {
  const stop = Math.min(end, start + maxRead);
  const sum = { letters: 0, bits: 0, worst: 0, best: 0 };
  let wordStart = start;
  for (let i = start; i <= stop; i += 1) {
    const isEnd = i === stop || letterOf(text, i) === 0;
    if (!isEnd && !(i > wordStart && isUpper(text, i) && !isUpper(text, i - 1))) continue;
    if (i > wordStart) addWord(sum, text, wordStart, i);
    wordStart = isEnd ? i + 1 : i;
  }
  return sum;
}

function addWord(
  sum: { letters: number; bits: number; worst: number; best: number },
  text: string,
  start: number,
  end: number,
): void {
  let bits = 0;
  let context = 0;
  for (let i = start; i <= end; i += 1) {
    const letter = i === end ? 0 : letterOf(text, i);
    bits += table[context * letters + letter] ?? 0;
    context = (context % letters) * letters + letter;
  }
  sum.letters += end - start;
  sum.bits += bits;
  if (end - start < 3) return;
  sum.worst = Math.min(sum.worst, bits);
  sum.best = Math.max(sum.best, bits);
}

function isUpper(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a;
}

/** 1 to 26 for Latin letters of either case, with or without marks, else 0. */
function letterOf(text: string, at: number): number {
  return letterCodes[text.charCodeAt(at)] ?? 0;
}
