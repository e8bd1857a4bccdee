/** Cyrillic and Greek letters that look like Latin ones, each before its double. */
const doubles = [
  'аaеeоoрpсcуyхxіiјjѕsһhԁdԛqԝwкkвbтtмmнhгr',
  'АAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSԌG',
  'αaοoνvρpιiκkτtυuχxγyηn',
  'ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX',
].join('');
const confusables = new Map<number, string>();
for (let i = 0; i + 1 < doubles.length; i += 2) confusables.set(doubles.charCodeAt(i), doubles.charAt(i + 1));

/** Punctuation whose plain form NFKC does not know. */
const punctuation = new Map<number, string>([
  ...[0x2010, 0x2011, 0x2012, 0x2013, 0x2212].map((code) => [code, '-'] as const),
  ...[0x2018, 0x2019, 0x201a, 0x2032].map((code) => [code, "'"] as const),
  ...[0x201c, 0x201d, 0x201e, 0x2033].map((code) => [code, '"'] as const),
]);

/** Written so often that they do not make a text worth a second look; folded where there is one. */
const everyday = new Set([...punctuation.keys(), 0x2026, 0x2122, 0xb2, 0xb3, 0xbd, 0xaa, 0xba]);

const unknown = 0;
const keeps = 1;
const folds = 2;
/** Folds, but alone is no reason to look. */
const foldsQuietly = 3;
/** A letter that looks like another: a reason to look only beside an ASCII letter or digit. */
const looksAlike = 4;

const kinds = new Uint8Array(0x10000);
const folded = new Map<number, string>();
const maxFolded = 4;

/** What stands in for a code point of at least 0x80 in the normalised shadow (`masking.md` §4.7); undefined: itself. */
export function foldCodePoint(code: number): string | undefined {
  if (code > 0xffff) return foldNew(code);
  if (kinds[code] === unknown) learn(code);
  return kinds[code] === keeps ? undefined : folded.get(code);
}

/** True where the character `text[at]`, not ASCII, makes its text worth a look in the shadow. */
export function isReasonToFold(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (kinds[code] === unknown) learn(code);
  const kind = kinds[code];
  if (kind === looksAlike) return isWordCode(text.charCodeAt(at - 1)) || isWordCode(text.charCodeAt(at + 1));
  return kind === folds;
}

function learn(code: number): void {
  // Halves of pairs: the planes whose code points fold are the mathematical letters, the enclosed ones and the tags.
  if (code >= 0xd800 && code < 0xe000) {
    kinds[code] = code === 0xd835 || code === 0xd83c || code === 0xdb40 ? folds : keeps;
    return;
  }
  const to = foldNew(code);
  if (to === undefined) kinds[code] = keeps;
  else {
    folded.set(code, to);
    kinds[code] = confusables.has(code) ? looksAlike : everyday.has(code) ? foldsQuietly : folds;
  }
}

function foldNew(code: number): string | undefined {
  if (isInvisible(code)) return '';
  const known = confusables.get(code) ?? punctuation.get(code);
  if (known !== undefined) return known;
  const plain = String.fromCodePoint(code).normalize('NFKC');
  const only = plain.length === 1 ? (confusables.get(plain.charCodeAt(0)) ?? plain) : plain;
  return only.length <= maxFolded && /^[\x20-\x7e]+$/.test(only) ? only : undefined;
}

const invisible: readonly (readonly [number, number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xe0000, 0xe0fff],
];

/** Zero width, bidirectional controls, soft hyphen, fillers, variation selectors, tags. */
function isInvisible(code: number): boolean {
  return invisible.some(([from, to]) => code >= from && code <= to);
}

function isWordCode(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === 0x5f;
}
