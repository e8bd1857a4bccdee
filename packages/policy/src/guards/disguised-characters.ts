/** Characters that look like others, or like nothing: what a person reads is then not what runs. */

/** First and last of each range: spaces that are no ASCII space, full-width forms of ASCII, and what is not seen at all. */
const disguises: readonly (readonly [number, number])[] = [
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xff01, 0xff5e],
];
const invisibles: readonly (readonly [number, number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
];

function toClass(ranges: readonly (readonly [number, number])[]): string {
  return ranges.map((range) => range.map(escapeCode).join('-')).join('');
}

function escapeCode(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

const disguised = new RegExp(`[${toClass([...disguises, ...invisibles])}]`, 'u');
const invisible = new RegExp(`[${toClass(invisibles)}]`, 'gu');
/** Characters that become a quote, a backslash or a semicolon when a driver folds a text into a smaller character set. */
const foldsToQuote = /[\u02b9\u02bc\uff02\uff07\uff1b\uff3c\ufe54\ufe68]/u;

export function hasDisguise(text: string): boolean {
  return disguised.test(text);
}

export function hasFoldingQuote(text: string): boolean {
  return foldsToQuote.test(text);
}

/** As something that normalises would read it. */
export function withoutDisguise(text: string): string {
  return text.replace(invisible, '').normalize('NFKC');
}

/** Text that no program reads as it was written: half a character, or a NUL that ends it early. */
export function isBrokenText(text: string): boolean {
  return !text.isWellFormed() || text.includes('\0');
}
