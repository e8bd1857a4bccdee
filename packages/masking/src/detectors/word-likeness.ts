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

const lastLetter = 0x250;
/** Both are filled at the first value that is measured: most processes that load a masker meet none for a while. */
const letterCodes = new Uint8Array(lastLetter);
const table = new Float32Array(letters ** 3);
let isFilled = false;

function fillTables(): void {
  for (let code = 0; code < lastLetter; code += 1) {
    const base = (code < 0x80 ? code : String.fromCharCode(code).normalize('NFD').charCodeAt(0)) | 0x20;
    if (base >= 0x61 && base <= 0x7a) letterCodes[code] = base - 0x60;
  }
  const values = new Uint8Array(0x80);
  for (let i = 0; i < base64Digits.length; i += 1) values[base64Digits.charCodeAt(i)] = i;
  for (let i = 0; i < table.length; i += 1) {
    table[i] = lowest + step * (values[wordLikenessTable.charCodeAt(i)] ?? 0);
  }
  isFilled = true;
}

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Reads at most 96 characters. Words end at what is no letter and where a capital follows a small letter. */
export function measureWords(text: string, start: number, end: number): WordLikeness {
  if (!isFilled) fillTables();
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
