/** Makes raw JSON-RPC messages that hold nothing to mask, in every spelling that JSON allows; the same for the same seed. */
export function buildCleanMessage(seed: number): string {
  const random = createRandom(seed);
  const id = random(2) === 0 ? String(random(1e6)) : `"call-${random(1000)}"`;
  const body = `"content":[{"type":"text","text":${textOf(random, 0)}}],"structuredContent":${valueOf(random, 3)}`;
  return random(2) === 0
    ? `{"jsonrpc":"2.0","id":${id},"result":{${body}}}`
    : `{ "id" : ${id} , "jsonrpc":"2.0",\n\t"method":"tools/call","params":{"name":"list","arguments":${valueOf(random, 3)}}}`;
}

type Random = (below: number) => number;

function createRandom(seed: number): Random {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const words =
  'a the of to release build branch merge fix failing cache layer stream window table column row index shipped order colour größe café naïve été über 東京 данные λόγος x y z ok no yes none true null 0 7 42 v1.2 e.g. i.e. foo.bar() a[i] x=1 <b> </b> {} [] () ; , . : ! ? # $ % & * + - / | ~ ^ \u{1f600}'.split(
    ' ',
  );
const names = ['id', 'title', 'count', 'items', 'status', 'note', 'größe', 'created_at', 'url', 'a b', '', '$ref', '0'];
const numbers = ['0', '-0', '1', '1.0', '-12.50', '1E5', '2e-7', '20260101', '12345678901234567890', '0.1'];

function pick(random: Random, list: readonly string[]): string {
  return list[random(list.length)] ?? '';
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => random(16).toString(16)).join('');
}

function twoDigits(random: Random, below: number): string {
  return String(1 + random(below)).padStart(2, '0');
}

const pieces: readonly ((random: Random) => string)[] = [
  (random) => Array.from({ length: 1 + random(12) }, () => pick(random, words)).join(' '),
  (random) =>
    `20${twoDigits(random, 26)}-${twoDigits(random, 12)}-${twoDigits(random, 28)}T${twoDigits(random, 22)}:05:00Z`,
  (random) => `https://example.com/${pick(random, ['a', 'users', 'v2'])}/${random(9999)}?page=${random(99)}#top`,
  (random) => `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
  (random) => hex(random, 40),
  (random) => `/usr/lib/${pick(random, ['node', 'x86_64', 'share'])}/index-${random(99)}.min.js`,
  (random) => `| ${random(99)} | ${pick(random, words)} |\n| --- | --- |\n`,
  (random) => Array.from({ length: random(6) }, () => String.fromCharCode(0x100 + random(0x500))).join(''),
];

function textOf(random: Random, depth: number): string {
  const text =
    depth < 3 && random(5) === 0
      ? valueOf(random, 2, depth + 1)
      : Array.from({ length: 1 + random(3) }, () => pieces[random(pieces.length)]?.(random) ?? '').join(
          pick(random, [' ', '\n', '\t', '"', '\\', ', ']),
        );
  return respell(JSON.stringify(text), random);
}

/** Some characters as escapes. */
function respell(token: string, random: Random): string {
  if (random(4) > 0) return token;
  return `"${token.slice(1, -1).replaceAll(/\\.|[a-z/ ]/g, (char) => {
    if (char.length > 1 || random(9) > 0) return char;
    return char === '/' ? '\\/' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  })}"`;
}

function valueOf(random: Random, levels: number, depth = 0): string {
  const kind = random(levels > 0 ? 8 : 5);
  if (kind < 2) return textOf(random, depth);
  if (kind === 2) return pick(random, numbers);
  if (kind === 3) return String(random(1e8));
  if (kind === 4) return pick(random, ['true', 'false', 'null']);
  const blank = pick(random, ['', '', ' ', '\n  ', '\t']);
  const members = Array.from({ length: random(4) }, () => valueOf(random, levels - 1, depth));
  if (kind === 5) return `[${blank}${members.join(`,${blank}`)}]`;
  // Names may repeat: each occurrence is looked at, none is lost.
  const properties = members.map(
    (member) => `${respell(JSON.stringify(pick(random, names)), random)}:${blank}${member}`,
  );
  return `{${blank}${properties.join(`${blank},`)}}`;
}
