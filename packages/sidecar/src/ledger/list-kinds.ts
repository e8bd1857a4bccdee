/** The answers that the ledger looks at, and how their entries are called later. */
import type { JsonObject, LedgerSection, PolicyCall } from '@tachograph/protocol';

/** One kind of list. `section`: what its entries are pinned as; resources come and go, so they are not. */
export interface ListKind {
  readonly method: string;
  /** Member of the result that holds the entries. */
  readonly member: string;
  /** Member of an entry that names it. */
  readonly nameField: string;
  readonly section: LedgerSection | undefined;
  /** The call that an entry is for: whoever may not make it does not see the entry. A template is judged by its own text. */
  readonly toCall: (name: string) => Pick<PolicyCall, 'method' | 'tool' | 'prompt' | 'resource'>;
}

const tools: ListKind = {
  method: 'tools/list',
  member: 'tools',
  nameField: 'name',
  section: 'tools',
  toCall: (tool) => ({ method: 'tools/call', tool }),
};
const prompts: ListKind = {
  method: 'prompts/list',
  member: 'prompts',
  nameField: 'name',
  section: 'prompts',
  toCall: (prompt) => ({ method: 'prompts/get', prompt }),
};
const resources: ListKind = {
  method: 'resources/list',
  member: 'resources',
  nameField: 'uri',
  section: undefined,
  toCall: (resource) => ({ method: 'resources/read', resource }),
};
const templates: ListKind = {
  method: 'resources/templates/list',
  member: 'resourceTemplates',
  nameField: 'uriTemplate',
  section: 'templates',
  toCall: (resource) => ({ method: 'resources/read', resource }),
};

export const listKinds: readonly ListKind[] = [tools, prompts, resources, templates];

const byMethod: ReadonlyMap<string, ListKind> = new Map(listKinds.map((kind) => [kind.method, kind]));

/** The kind of list that a method asks for. */
export function listKindOf(method: string): ListKind | undefined {
  return byMethod.get(method);
}

/** For an answer whose request nobody remembers, such as a replayed one: what its result looks like. */
export function listKindByShape(result: JsonObject): ListKind | undefined {
  return listKinds.find(({ member }) => Array.isArray(result[member]));
}

/** Methods whose answers carry the server's instructions to the model. */
export function carriesInstructions(method: string): boolean {
  return method === 'initialize' || method === 'server/discover';
}
