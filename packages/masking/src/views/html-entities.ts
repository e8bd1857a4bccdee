/** The named entities that can stand in a name, around a value or in one. */
const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    quot: '"',
    amp: '&',
    lt: '<',
    gt: '>',
    apos: "'",
    nbsp: ' ',
    colon: ':',
    equals: '=',
    lbrace: '{',
    lcub: '{',
    rbrace: '}',
    rcub: '}',
    lbrack: '[',
    lsqb: '[',
    rbrack: ']',
    rsqb: ']',
    comma: ',',
    period: '.',
    sol: '/',
    bsol: '\\',
    commat: '@',
    num: '#',
    dollar: '$',
    percnt: '%',
    excl: '!',
    quest: '?',
    plus: '+',
    ast: '*',
    hyphen: '-',
    dash: '-',
    lowbar: '_',
    semi: ';',
    lpar: '(',
    rpar: ')',
    vert: '|',
    tab: '\t',
    newline: '\n',
    shy: '',
    zwj: '',
    zwnj: '',
  }),
);

const maxEntity = 12;

/** The entity that begins with the `&` at `text[at]`: what it stands for and its end. */
export function readEntity(text: string, at: number): { readonly value: string; readonly end: number } | undefined {
  const body = /^&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,8});/i.exec(text.slice(at, at + maxEntity))?.[1];
  if (body === undefined) return undefined;
  const value = body.startsWith('#') ? fromNumber(body.slice(1)) : named.get(body.toLowerCase());
  return value === undefined ? undefined : { value, end: at + body.length + 2 };
}

function fromNumber(digits: string): string | undefined {
  const code = /^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
