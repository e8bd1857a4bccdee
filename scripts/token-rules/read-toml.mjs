/** Reads the part of TOML that rule files use: arrays of tables, strings of all four kinds, arrays of strings, numbers, booleans. */
export function readToml(source) {
  const reader = createReader(source);
  const root = {};
  let table = root;
  for (reader.skip(); !reader.isAtEnd(); reader.skip()) {
    const heading = reader.take(/\[(\[?)([\w.]+)\]\]?/y);
    if (heading === null) table[reader.need(/([\w-]+)[ \t]*=[ \t]*/y)[1]] = readValue(reader);
    else table = enter(root, heading[2].split('.'), heading[1] === '[');
  }
  return root;
}

function createReader(source) {
  let at = 0;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const need = (pattern) => {
    const found = take(pattern);
    if (found === null) throw new Error(`expected ${pattern.source} at ${at}: ${source.slice(at, at + 40)}`);
    return found;
  };
  return { take, need, skip: () => take(/(?:\s|#[^\n]*)*/y), isAtEnd: () => at >= source.length };
}

function readValue(reader) {
  const literal = reader.take(/'''\n?([^]*?)'''(?!')|'([^'\n]*)'/y);
  if (literal !== null) return literal[1] ?? literal[2];
  const basic = reader.take(/"""\n?((?:[^\\]|\\[^])*?)"""(?!")|"((?:[^"\\\n]|\\.)*)"/y);
  if (basic !== null) return unescapeText(basic[1] ?? basic[2]);
  if (reader.take(/\[/y) !== null) return readArray(reader);
  if (reader.take(/\{/y) !== null) return readInlineTable(reader);
  const [plain] = reader.need(/[\w.+-]+/y);
  return plain === 'true' ? true : plain === 'false' ? false : Number(plain);
}

function readArray(reader) {
  const items = [];
  for (reader.skip(); reader.take(/\]/y) === null; reader.skip()) {
    items.push(readValue(reader));
    reader.skip();
    reader.take(/,/y);
  }
  return items;
}

function readInlineTable(reader) {
  const pairs = {};
  for (reader.skip(); reader.take(/\}/y) === null; reader.skip()) {
    const [, key] = reader.need(/([\w-]+)\s*=\s*/y);
    pairs[key] = readValue(reader);
    reader.skip();
    reader.take(/,/y);
  }
  return pairs;
}

function enter(root, path, isArray) {
  let table = root;
  for (const [index, name] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isLast && isArray) (table[name] ??= []).push({});
    const next = (table[name] ??= {});
    table = Array.isArray(next) ? next.at(-1) : next;
  }
  return table;
}

const escapes = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

function unescapeText(text) {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(\n\s*)|([^]))/g, (_all, code, fold, char) =>
    code !== undefined
      ? String.fromCharCode(Number.parseInt(code, 16))
      : fold !== undefined
        ? ''
        : (escapes[char] ?? char),
  );
}
