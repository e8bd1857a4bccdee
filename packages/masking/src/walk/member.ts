/** What a member name means to the walk beyond being a secret's name. */
export type MemberRole = 'other' | 'name' | 'value' | 'verbatim' | 'body' | 'meta' | 'blob' | 'mime';

/** Where the walk is in a JSON-RPC message: the envelope, `params` or `result`, `_meta` in one of these, or elsewhere. */
export type Position = 'envelope' | 'body' | 'meta' | 'elsewhere';

const siblingRoles: readonly (readonly [string, MemberRole])[] = [
  ['name', 'name'],
  ['key', 'name'],
  ['header', 'name'],
  ['field', 'name'],
  ['variable', 'name'],
  ['parameter', 'name'],
  ['label', 'name'],
  ['Name', 'name'],
  ['Key', 'name'],
  ['Header', 'name'],
  ['ParameterKey', 'name'],
  ['value', 'value'],
  ['Value', 'value'],
  ['ParameterValue', 'value'],
  ['data', 'blob'],
  ['blob', 'blob'],
  ['mimeType', 'mime'],
];

/** Protocol fields that peers compare byte for byte (`mcp.md` §6): never masked where they stand. */
const positionRoles: Readonly<Record<Position, readonly (readonly [string, MemberRole])[]>> = {
  envelope: [
    ['id', 'verbatim'],
    ['method', 'verbatim'],
    ['jsonrpc', 'verbatim'],
    ['params', 'body'],
    ['result', 'body'],
  ],
  body: [
    ['cursor', 'verbatim'],
    ['nextCursor', 'verbatim'],
    ['requestState', 'verbatim'],
    ['progressToken', 'verbatim'],
    ['_meta', 'meta'],
  ],
  meta: [['progressToken', 'verbatim']],
  elsewhere: [],
};

const maxName = 16;

interface RoleTable {
  readonly roles: ReadonlyMap<string, MemberRole>;
  /** `length * 128 + first character` of the names: nearly all others are turned away without a slice. */
  readonly shapes: Uint8Array;
}

function toTable(entries: readonly (readonly [string, MemberRole])[]): RoleTable {
  const shapes = new Uint8Array(maxName * 128);
  for (const [name] of entries) shapes[name.length * 128 + name.charCodeAt(0)] = 1;
  return { roles: new Map(entries), shapes };
}

const tables: Readonly<Record<Position, RoleTable>> = {
  envelope: toTable([...positionRoles.envelope, ...siblingRoles]),
  body: toTable([...positionRoles.body, ...siblingRoles]),
  meta: toTable([...positionRoles.meta, ...siblingRoles]),
  elsewhere: toTable(siblingRoles),
};

/** Role of the member whose unescaped name is `text[start, end)`. */
export function roleOf(position: Position, text: string, start: number, end: number): MemberRole {
  const length = end - start;
  if (length === 0 || length >= maxName) return 'other';
  const { roles, shapes } = tables[position];
  if (shapes[length * 128 + text.charCodeAt(start)] !== 1) return 'other';
  return roles.get(text.slice(start, end)) ?? 'other';
}
