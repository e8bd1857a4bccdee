const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const lowerE = 0x65;
const upperE = 0x45;

/** End of the JSON number at `at`, or -1 where there is none. */
export function numberEnd(text: string, at: number): number {
  let i = text.charCodeAt(at) === minus ? at + 1 : at;
  const integerEnd = text.charCodeAt(i) === zero ? i + 1 : digitsEnd(text, i);
  if (integerEnd === i) return -1;
  i = integerEnd;
  if (text.charCodeAt(i) === point) {
    const fractionEnd = digitsEnd(text, i + 1);
    if (fractionEnd === i + 1) return -1;
    i = fractionEnd;
  }
  const code = text.charCodeAt(i);
  return code === lowerE || code === upperE ? exponentEnd(text, i + 1) : i;
}

function exponentEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const start = code === minus || code === plus ? at + 1 : at;
  const end = digitsEnd(text, start);
  return end === start ? -1 : end;
}

function digitsEnd(text: string, at: number): number {
  let i = at;
  for (;;) {
    const code = text.charCodeAt(i);
    if (!(code >= 0x30 && code <= 0x39)) return i;
    i += 1;
  }
}

/** End of `true`, `false` or `null` at `at`, or -1. */
export function literalEnd(text: string, at: number): number {
  if (text.startsWith('true', at) || text.startsWith('null', at)) return at + 4;
  return text.startsWith('false', at) ? at + 5 : -1;
}

/** First index from `at` on that holds no JSON white space. */
export function skipBlanks(text: string, at: number): number {
  let i = at;
  for (;;) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return i;
    i += 1;
  }
}

/** True where JSON other than a scalar may begin in `text[start, end)`. */
export function hasBracket(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) return true;
  }
  return false;
}
