/** What differs between two definitions of one tool, field by field: what people read before they approve. */
import { isJsonObject } from './jsonrpc.ts';

/** `path`: JSON Pointer. A side that is absent has no such field. Values are JSON texts, cut where they are long. */
export interface DefinitionDifference {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** More differences than this are not listed. */
export const maxDifferences = 24;
/** Longest value shown, in characters. */
export const maxDifferenceText = 512;

/** Compares two JSON texts, in the order of the fields. A text that is no JSON is one value. Never throws. */
export function diffDefinitions(before: string, after: string): readonly DefinitionDifference[] {
  const found: DefinitionDifference[] = [];
  compare({ found, path: '' }, parsed(before), parsed(after));
  return found;
}

interface Place {
  readonly found: DefinitionDifference[];
  readonly path: string;
}

function compare({ found, path }: Place, before: unknown, after: unknown): void {
  if (found.length >= maxDifferences || before === after) return;
  const [old, next] = [membersOf(before), membersOf(after)];
  if (old === undefined || next === undefined || Array.isArray(before) !== Array.isArray(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after))
      found.push({ path, ...shown('before', before), ...shown('after', after) });
    return;
  }
  for (const key of new Set([...old.keys(), ...next.keys()])) {
    compare({ found, path: `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }, old.get(key), next.get(key));
  }
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.map((element: unknown, index) => [String(index), element]));
  return isJsonObject(value) ? new Map(Object.entries(value)) : undefined;
}

function shown(side: 'before' | 'after', value: unknown): Partial<DefinitionDifference> {
  if (value === undefined) return {};
  const text = JSON.stringify(value);
  return { [side]: text.length > maxDifferenceText ? `${text.slice(0, maxDifferenceText)}…` : text };
}

/** The definitions that reach this have been parsed before, so their depth is bounded. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
