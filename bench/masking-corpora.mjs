// Messages for bench/masking.mjs: made up, the same in every run. Lengths in characters.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Deterministic random numbers below `n`. */
function createRandom(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const words =
  'the a of to and in is for that on with as this by be from at or are an it not can which when will has each we all into only than other new some time two may then do any my now such like over also back after use how our work well way even want because these give most us release build branch change merge fix test failure cache worker request response handler stream socket timeout retry window table index column value record archive segment manifest policy cluster node volume image layer config option default version upgrade module package import export function result error message thread queue order customer shipment invoice warehouse supplier region product quantity price discount total status pending delivered returned cancelled'.split(
    ' ',
  );
const names = 'ada linus grace alan edsger barbara donald margaret dennis ken radia vint tim brian bjarne guido'.split(
  ' ',
);
const families = 'keller okafor nakamura silva haddad novak larsen moreau schmidt rossi kowalski demir'.split(' ');

function tools(seed) {
  const random = createRandom(seed);
  const pick = (list) => list[random(list.length)];
  const digits = (count) => Array.from({ length: count }, () => random(10)).join('');
  const hex = (count) => Array.from({ length: count }, () => '0123456789abcdef'[random(16)]).join('');
  const prose = (count) => {
    const text = Array.from({ length: count }, () => pick(words)).join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  };
  const date = () =>
    `20${10 + random(17)}-${String(1 + random(12)).padStart(2, '0')}-${String(1 + random(28)).padStart(2, '0')}T${String(random(24)).padStart(2, '0')}:${String(random(60)).padStart(2, '0')}:${String(random(60)).padStart(2, '0')}Z`;
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  return { random, pick, digits, hex, prose, date, uuid };
}

function person({ random, pick, digits, hex }) {
  const login = `${pick(names)}-${pick(families)}${random(99)}`;
  const api = `https://api.example.com/users/${login}`;
  return {
    login,
    id: Number(digits(7)),
    node_id: `MDQ6VXNlcj${hex(9)}`,
    avatar_url: `https://avatars.example.com/u/${digits(7)}?v=4`,
    url: api,
    html_url: `https://example.com/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    type: 'User',
    site_admin: false,
  };
}

function issue(tool, number) {
  const { random, pick, digits, hex, prose, date } = tool;
  const repository = `https://api.example.com/repos/${pick(families)}/${pick(words)}-${pick(words)}`;
  return {
    url: `${repository}/issues/${number}`,
    repository_url: repository,
    labels_url: `${repository}/issues/${number}/labels{/name}`,
    comments_url: `${repository}/issues/${number}/comments`,
    id: Number(digits(9)),
    node_id: `MDU6SXNzdWU${hex(10)}`,
    number,
    title: prose(4 + random(6)),
    user: person(tool),
    labels: Array.from({ length: random(4) }, () => ({
      id: Number(digits(8)),
      name: pick(words),
      color: hex(6),
      default: random(2) === 0,
    })),
    state: pick(['open', 'closed']),
    locked: false,
    assignee: random(3) === 0 ? person(tool) : null,
    comments: random(40),
    created_at: date(),
    updated_at: date(),
    closed_at: null,
    body: `${prose(20)}\n\n- [ ] ${prose(8)}\n- [x] ${prose(6)}\n\nSee ${repository}/commit/${hex(40)} and \`${pick(words)}.${pick(words)}()\`.\n`,
    reactions: { '+1': random(20), '-1': 0, total_count: random(20) },
  };
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function codeFunction({ random, pick, hex, prose, digits }) {
  // As often as in sources that have nothing to do with secrets.
  const id = random(3) === 0 ? 'key' : pick(words);
  const field = random(6) === 0 ? 'token' : pick(words);
  const nouns = [pick(words), pick(words), pick(words)];
  const name = `${pick(['read', 'create', 'parse', 'to', 'is', 'verify'])}${capital(nouns[0])}${capital(nouns[1])}`;
  return [
    `import { ${nouns[0]}${capital(nouns[2])} } from '../${nouns[1]}/${nouns[0]}-${nouns[2]}.ts';`,
    '',
    `/** ${prose(10)} */`,
    `export function ${name}(${nouns[1]}: ${capital(nouns[1])}, limit = ${digits(3)}): readonly ${capital(nouns[2])}[] {`,
    `  const ${nouns[2]}s: ${capital(nouns[2])}[] = [];`,
    `  for (const [${id}, entry] of Object.entries(${nouns[1]}.${nouns[0]}s)) {`,
    `    if (${id}.length > 0x${hex(4)} || entry === undefined) continue; // ${prose(6)}`,
    `    ${nouns[2]}s.push({ ...entry, ${field}: next${capital(field)}(${id}), offset: ${random(4096)}, label: "${pick(words)} ${pick(words)}" });`,
    '  }',
    `  if (${nouns[2]}s.length === 0) throw new Error(\`expected ${nouns[2]}, got \${String(limit)}\`);`,
    `  return ${nouns[2]}s.toSorted((a, b) => a.offset - b.offset).slice(0, limit);`,
    '}',
    '',
  ].join('\n');
}

function orderRow({ random, pick, digits, prose, date, uuid }, id) {
  const contact = random(12) === 0 ? `${pick(names)}.${pick(families)}@example.org` : null;
  return {
    id,
    order_uuid: uuid(),
    customer: `${capital(pick(names))} ${capital(pick(families))}`,
    contact,
    sku: `${pick(['AB', 'KX', 'ZT'])}-${digits(5)}`,
    quantity: 1 + random(40),
    price: Number(`${random(900)}.${digits(2)}`),
    city: capital(pick(families)),
    status: pick(['pending', 'delivered', 'returned', 'cancelled']),
    ordered_at: date(),
    tracking: digits(10),
    note: random(3) === 0 ? prose(8) : '',
  };
}

/** Items until `length` is reached. */
function upTo(length, build, sizeOf) {
  const items = [];
  for (let size = 0; size < length;) {
    const item = build(items.length);
    items.push(item);
    size += sizeOf(item);
  }
  return items;
}

const jsonSize = (item) => JSON.stringify(item).length + 1;
const message = (result) => JSON.stringify({ jsonrpc: '2.0', id: 1, result });
const textMessage = (text) => message({ content: [{ type: 'text', text }] });

/** The three corpora of the target. `text` is what tools that know text only are given. */
export function benignCorpora(length) {
  const api = tools(1);
  const code = tools(2);
  const sql = tools(3);
  const issues = upTo(length, (index) => issue(api, index), jsonSize);
  const functions = upTo(
    length,
    () => codeFunction(code),
    (item) => item.length,
  ).join('\n');
  const rows = JSON.stringify(upTo(length, (index) => orderRow(sql, index), jsonSize));
  return {
    'API JSON': { json: message({ structuredContent: { items: issues } }), text: JSON.stringify(issues) },
    'source code': { json: textMessage(functions), text: functions },
    'SQL rows': { json: textMessage(rows), text: rows },
  };
}

const filled = (unit, length) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** Texts built to make a masker slow: what each repeats. `hostile-work.test.ts` counts what they cost. */
export const hostileUnits = JSON.parse(readFileSync(join(import.meta.dirname, 'hostile-texts.json'), 'utf8'));

export function hostileCorpora(length) {
  return Object.fromEntries(
    Object.entries(hostileUnits).map(([name, unit]) => [
      name,
      { once: textMessage(filled(unit, length)), twice: textMessage(filled(unit, 2 * length)) },
    ]),
  );
}
