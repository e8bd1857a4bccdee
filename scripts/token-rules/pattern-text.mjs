const other = 128;
const named = new Map([
  ['0-9', '\\d'],
  ['0-9A-Z_a-z', '\\w'],
  ['\\t-\\r ', '\\s'],
]);

/** Text of a pattern's tree, such that parsing it gives the tree again. Equal trees give equal texts. */
export function toPatternText(node) {
  return alternatives(node);
}

function alternatives(node) {
  if (node.kind !== 'choice') return sequence(node);
  const options = node.options.map(sequence);
  const folded = options.map((text) => /^\(\?i:([^()|]*)\)$/.exec(text)?.[1]);
  return folded.includes(undefined) ? options.join('|') : `(?i:${folded.join('|')})`;
}

function grouped(node) {
  const text = alternatives(node);
  return /^\(\?i:[^()]*\)$/.test(text) ? text : `(?:${text})`;
}

function sequence(node) {
  if (node.kind !== 'sequence') return item(node);
  return foldCase(node.items.map((part) => ({ node: part, text: item(part) })));
}

function item(node) {
  if (node.kind === 'chars') return chars(node.set);
  if (node.kind === 'border')
    return { word: '\\b', 'text-start': '^', 'text-end': '$', open: '\\<', close: '\\>', 'value-end': '\\;' }[node.at];
  if (node.kind === 'operator') return '\\=';
  if (node.kind === 'secret') return `(${alternatives(node.item)})`;
  if (node.kind === 'repeat') return `${single(node.item)}${times(node)}`;
  return grouped(node);
}

function single(node) {
  const isOne = node.kind === 'chars' || node.kind === 'secret' || node.kind === 'choice';
  return isOne ? item(node) : grouped(node);
}

function times({ min, max, lazy }) {
  const mark = lazy ? '?' : '';
  const isOpen = max >= 4096;
  if (min === 0 && max === 1) return `?${mark}`;
  if (isOpen && min < 2) return `${min === 0 ? '*' : '+'}${mark}`;
  return `{${min}${isOpen ? ',' : max === min ? '' : `,${max}`}}${mark}`;
}

/** Letters of either case in a row stand in one group. */
function foldCase(parts) {
  let text = '';
  let folded = '';
  const flush = () => {
    if (folded.length > 1 || (folded.length === 1 && !/[a-z]/.test(folded)))
      text += /[a-z]/.test(folded) ? `(?i:${folded})` : folded;
    else if (folded.length === 1) text += `[${folded.toUpperCase()}${folded}]`;
    folded = '';
  };
  for (const { node, text: own } of parts) {
    const letter = eitherCase(node);
    if (letter !== undefined) folded += letter;
    else if (folded !== '' && /^(?:[^A-Za-z\\]|\\[^A-Za-z<>=;])$/.test(own)) folded += own;
    else {
      flush();
      text += own;
    }
  }
  flush();
  return text;
}

function eitherCase(node) {
  if (node.kind !== 'chars') return undefined;
  const members = membersOf(node.set);
  const [first = '', second = ''] = members;
  const isPair = members.length === 2 && node.set[other] !== 1 && first !== second && first.toLowerCase() === second;
  return isPair ? second : undefined;
}

export function membersOf(set) {
  return [...set].flatMap((flag, code) => (flag === 1 && code < other ? [String.fromCharCode(code)] : []));
}

function chars(set) {
  const members = membersOf(set);
  if (members.length === 1 && set[other] !== 1) return escapeOutside(members[0]);
  if (set[other] !== 1) return named.get(ranges(set)) ?? `[${ranges(set)}]`;
  const inverse = set.map((flag) => 1 - flag);
  return membersOf(inverse).length === 0 ? '(?s:.)' : `[^${ranges(inverse)}]`;
}

function ranges(set) {
  let text = '';
  for (let code = 0; code < other; code += 1) {
    if (set[code] !== 1) continue;
    let last = code;
    while (last + 1 < other && set[last + 1] === 1) last += 1;
    text += last - code > 1 ? `${inClass(code)}-${inClass(last)}` : inClass(code) + (last > code ? inClass(last) : '');
    code = last;
  }
  return text;
}

const controls = new Map([
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
  [0x60, '\\x60'],
]);

function inClass(code) {
  const char = String.fromCharCode(code);
  if (code < 32 || code === 0x60 || code === 127)
    return controls.get(code) ?? `\\x${code.toString(16).padStart(2, '0')}`;
  return '\\]^-['.includes(char) ? `\\${char}` : char;
}

function escapeOutside(char) {
  const code = char.charCodeAt(0);
  if (code < 32 || code === 0x60) return controls.get(code) ?? `\\x${code.toString(16).padStart(2, '0')}`;
  return /[\\^$.*+?()[\]{}|]/.test(char) ? `\\${char}` : char;
}
