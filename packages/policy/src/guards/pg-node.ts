/** The syntax tree of the PostgreSQL parser: JSON whose shapes its grammar decides, read without trust. */

export type PgNode = Readonly<Record<string, unknown>>;

const nothing: PgNode = {};

export function isNode(value: unknown): value is PgNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a key; an empty one where there is none. */
export function nodeAt(node: PgNode, key: string): PgNode {
  const value = node[key];
  return isNode(value) ? value : nothing;
}

export function listAt(node: PgNode, key: string): readonly PgNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function textAt(node: PgNode, key: string): string {
  const value = node[key];
  return typeof value === 'string' ? value : '';
}

/** `{Tag: body}` as its two parts. */
export function tagged(node: unknown): { readonly tag: string; readonly body: PgNode } {
  if (!isNode(node)) return { tag: '', body: nothing };
  const [tag] = Object.keys(node);
  return tag === undefined ? { tag: '', body: nothing } : { tag, body: nodeAt(node, tag) };
}

/** The text of a list of String nodes, each of which names one part. */
export function namesOf(nodes: readonly PgNode[]): readonly string[] {
  return nodes.map((node) => textAt(nodeAt(node, 'String'), 'sval'));
}

/** Calls back for every tagged node below, outermost first; `false` keeps it from going deeper. */
export function visitTags(value: unknown, visit: (tag: string, body: PgNode) => boolean): void {
  const stack: unknown[] = [value];
  while (stack.length > 0) {
    const one = stack.pop();
    if (Array.isArray(one)) for (let at = one.length - 1; at >= 0; at -= 1) stack.push(one[at]);
    else if (isNode(one)) visitChildren(one, stack, visit);
  }
}

/** A tree has thousands of members: no pairs are made of them. */
function visitChildren(node: PgNode, stack: unknown[], visit: (tag: string, body: PgNode) => boolean): void {
  for (const key of Object.keys(node)) {
    const child = node[key];
    if (typeof child !== 'object' || child === null) continue;
    const isTag = isUpperCase(key.charCodeAt(0)) && isNode(child);
    if (!isTag || visit(key, child)) stack.push(child);
  }
}

function isUpperCase(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** Whether two trees are the same but for where they stand in the text. */
export function isSameTree(a: unknown, b: unknown): boolean {
  return withoutPlaces(a) === withoutPlaces(b);
}

function withoutPlaces(value: unknown): string {
  return JSON.stringify(value, (key: string, inner: unknown) => (key === 'location' ? undefined : inner)) ?? '';
}
