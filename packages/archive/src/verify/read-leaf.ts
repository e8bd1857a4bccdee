/** What a leaf's text is, when it is not simply a leaf that this version knows. */
import { leafSchema, parseJson, type Leaf } from '@tachograph/protocol';
import { isNewerVersion } from '../format-version.ts';
import { fieldsOf } from '../json-object.ts';

/** `unknown`: of a type of this version's that came later; `malformed`: of a known type, and not as it must be. */
export type ReadLeaf =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'unknown' | 'malformed'; readonly type: string };

/** Reads a leaf's exact text. */
export function readLeaf(text: string): ReadLeaf {
  const value = parseJson(text);
  const parsed = leafSchema.safeParse(value);
  if (parsed.success) return { kind: 'leaf', leaf: parsed.data };
  const fields = fieldsOf(value);
  const version = fields.get('v');
  if (isNewerVersion(version)) return { kind: 'newer', version };
  const type = fields.get('type');
  if (version !== 1 || typeof type !== 'string' || !/^[a-z]+(?:[._][a-z]+)*$/.test(type)) {
    return { kind: 'malformed', type: 'no' };
  }
  // The one issue of a text whose type no schema has stands at the type.
  const isKnown = !parsed.error.issues.some(({ path }) => path[0] === 'type');
  return { kind: isKnown ? 'malformed' : 'unknown', type };
}
