import { isObject, memberOf, resolveRef, type JsonObject } from './json-values.ts';
import { itemSchemaAt } from './schema-judge.ts';

export type JsonPath = readonly (string | number)[];

const maxFound = 64;
const maxRefs = 32;

/** The subschemas that may speak of the value at a path, those behind references and in combinations too; not all must hold. */
export function subschemasAt(root: unknown, path: JsonPath): readonly JsonObject[] {
  let at = expand(root, [root]);
  for (const key of path) {
    const next = at.flatMap((schema) => childSchemas(schema, key));
    at = expand(root, next);
  }
  return at;
}

/** With those that they refer to or combine. */
function expand(root: unknown, schemas: readonly unknown[]): readonly JsonObject[] {
  const found: JsonObject[] = [];
  const waiting = [...schemas];
  for (let steps = 0; waiting.length > 0 && found.length < maxFound && steps < maxFound * maxRefs; steps += 1) {
    const schema = waiting.shift();
    if (!isObject(schema) || found.includes(schema)) continue;
    found.push(schema);
    const { allOf, anyOf, oneOf } = schema;
    for (const list of [allOf, anyOf, oneOf]) if (Array.isArray(list)) waiting.push(...list);
    waiting.push(memberOf(schema, 'then'), memberOf(schema, 'else'), resolveRef(root, memberOf(schema, '$ref')));
  }
  return found;
}

function childSchemas(schema: JsonObject, key: string | number): readonly unknown[] {
  if (typeof key === 'number') return [itemSchemaAt(schema, key)];
  const { properties, patternProperties, additionalProperties } = schema;
  const named = isObject(properties) ? memberOf(properties, key) : undefined;
  const patterned = isObject(patternProperties) ? Object.values(patternProperties) : [];
  return [named, ...patterned, named === undefined ? additionalProperties : undefined];
}
