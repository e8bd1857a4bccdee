import { findChanged } from './find-changed.ts';
import { isObject, memberOf, resolveRef, type JsonObject } from './json-values.ts';
import { createPatternTests, type PatternTests } from './pattern-cache.ts';
import { allOf, numberHolds, stringHolds, typeHolds, type Truth } from './scalar-keywords.ts';

/** Keywords that this judge does not know how to hold a value against. */
const beyond = [
  'unevaluatedProperties',
  'unevaluatedItems',
  '$dynamicRef',
  '$recursiveRef',
  'dependencies',
  'dependentSchemas',
  'propertyDependencies',
];
const maxDepth = 256;

/** A value that is held against schemas, and what it was before it was masked; `was` undefined: not comparable. */
interface Judged {
  readonly value: unknown;
  readonly was: unknown;
  /** The original satisfied the schema here, so what did not change still does. */
  readonly isTrusted: boolean;
  readonly depth: number;
}

/**
 * Holds masked JSON against its schema (the parts of drafts 7 to 2020-12 that schemas of tools use). The original is taken
 * to be valid. Says yes only where that is sure; bounded in steps, and in depth.
 */
export class SchemaJudge {
  readonly #root: unknown;
  readonly #maxSteps: number;
  readonly #patterns: PatternTests = createPatternTests();
  #changed: ReadonlySet<unknown> = new Set();
  #steps = 0;

  /** `maxSteps`: subschemas that it looks at before it gives up. */
  constructor(root: unknown, maxSteps: number) {
    this.#root = root;
    this.#maxSteps = maxSteps;
  }

  /** Whether all of a masked document is valid. */
  isValid(value: unknown, was: unknown): boolean {
    this.#changed = findChanged(value, was);
    return this.#judge(this.#root, { value, was, isTrusted: true, depth: 0 }) === true;
  }

  /** Whether a value that is put somewhere satisfies the subschema there. */
  accepts(schema: unknown, value: unknown): boolean {
    return this.#judge(schema, { value, was: undefined, isTrusted: false, depth: 0 }) === true;
  }

  #judge(schema: unknown, judged: Judged): Truth {
    this.#steps += 1;
    if (this.#steps > this.#maxSteps || judged.depth > maxDepth) return undefined;
    if (typeof schema === 'boolean') return schema;
    if (!isObject(schema)) return undefined;
    if (judged.isTrusted && this.#isUnchanged(judged)) return true;
    return this.#isBeyond(schema) ? undefined : this.#holds(schema, judged);
  }

  #isBeyond(schema: JsonObject): boolean {
    if (schema !== this.#root && Object.hasOwn(schema, '$id')) return true;
    return beyond.some((keyword) => Object.hasOwn(schema, keyword));
  }

  #holds(schema: JsonObject, judged: Judged): Truth {
    return allOf([
      this.#ref(schema, judged),
      typeHolds(memberOf(schema, 'type'), judged.value),
      this.#valueHolds(schema, judged),
      this.#combined(schema, judged),
      Array.isArray(judged.value) ? this.#array(schema, judged, judged.value) : true,
      isObject(judged.value) ? this.#object(schema, judged, judged.value) : true,
    ]);
  }

  #isUnchanged({ value, was }: Judged): boolean {
    return typeof value === 'object' && value !== null ? !this.#changed.has(value) : value === was;
  }

  #ref(schema: JsonObject, judged: Judged): Truth {
    const ref = memberOf(schema, '$ref');
    if (ref === undefined) return true;
    return this.#judge(resolveRef(this.#root, ref), { ...judged, depth: judged.depth + 1 });
  }

  #valueHolds(schema: JsonObject, { value }: Judged): Truth {
    const choices = memberOf(schema, 'enum');
    const isChosen = choices === undefined || (Array.isArray(choices) && choices.some((one) => isSame(one, value)));
    const isConst = !Object.hasOwn(schema, 'const') || isSame(schema['const'], value);
    if (!isChosen || !isConst) return false;
    if (typeof value === 'string') return stringHolds(schema, value, this.#patterns);
    return typeof value === 'number' ? numberHolds(schema, value) : true;
  }

  #combined(schema: JsonObject, judged: Judged): Truth {
    const deeper = { ...judged, depth: judged.depth + 1 };
    const apart = { ...deeper, isTrusted: false };
    const list = (keyword: string, inner: Judged): readonly Truth[] | undefined => {
      const schemas = memberOf(schema, keyword);
      return Array.isArray(schemas) ? schemas.map((one: unknown) => this.#judge(one, inner)) : undefined;
    };
    const not = memberOf(schema, 'not');
    return allOf([
      allOf(list('allOf', deeper) ?? []),
      anyOf(list('anyOf', apart)),
      oneOf(list('oneOf', apart)),
      not === undefined ? true : negate(this.#judge(not, apart)),
      this.#conditional(schema, apart),
    ]);
  }

  #conditional(schema: JsonObject, apart: Judged): Truth {
    const condition = memberOf(schema, 'if');
    if (condition === undefined) return true;
    const holds = this.#judge(condition, apart);
    if (holds === undefined) return undefined;
    const branch = memberOf(schema, holds ? 'then' : 'else');
    return branch === undefined ? true : this.#judge(branch, apart);
  }

  #array(schema: JsonObject, judged: Judged, value: readonly unknown[]): Truth {
    const { minItems, maxItems, uniqueItems, contains } = schema;
    if (contains !== undefined) return undefined;
    const was: readonly unknown[] = Array.isArray(judged.was) ? judged.was : [];
    const items = value.map((item, index) => {
      const itemSchema = itemSchemaAt(schema, index);
      return itemSchema === undefined || this.#judge(itemSchema, within(judged, item, was[index]));
    });
    return allOf([
      minItems === undefined || value.length >= Number(minItems),
      maxItems === undefined || value.length <= Number(maxItems),
      uniqueItems !== true || new Set(value.map((item) => JSON.stringify(item))).size === value.length,
      ...items,
    ]);
  }

  #object(schema: JsonObject, judged: Judged, value: JsonObject): Truth {
    const { required, minProperties, maxProperties, dependentRequired, propertyNames } = schema;
    if (dependentRequired !== undefined) return undefined;
    const names = Object.keys(value);
    const was = isObject(judged.was) ? judged.was : {};
    return allOf([
      !Array.isArray(required) || required.every((name: unknown) => typeof name === 'string' && names.includes(name)),
      minProperties === undefined || names.length >= Number(minProperties),
      maxProperties === undefined || names.length <= Number(maxProperties),
      propertyNames === undefined ||
        allOf(names.map((name) => this.#judge(propertyNames, within(judged, name, nameIn(was, name))))),
      ...names.map((name) => this.#property(schema, name, within(judged, value[name], memberOf(was, name)))),
    ]);
  }

  #property(schema: JsonObject, name: string, member: Judged): Truth {
    const { properties, patternProperties, additionalProperties } = schema;
    const truths: Truth[] = [];
    const named = isObject(properties) && Object.hasOwn(properties, name);
    if (named) truths.push(this.#judge(properties[name], member));
    const matches = isObject(patternProperties) ? this.#matching(patternProperties, name) : [];
    if (matches === undefined) return undefined;
    truths.push(...matches.map((one) => this.#judge(one, member)));
    const isAdditional = !named && matches.length === 0;
    if (isAdditional && additionalProperties !== undefined) truths.push(this.#judge(additionalProperties, member));
    return allOf(truths);
  }

  /** Where nothing but names with patterns decides, a known answer is needed. */
  #matching(patternProperties: JsonObject, name: string): readonly unknown[] | undefined {
    const found: unknown[] = [];
    for (const [pattern, schema] of Object.entries(patternProperties)) {
      const matches = this.#patterns.test(pattern, name);
      if (matches === undefined) return undefined;
      if (matches) found.push(schema);
    }
    return found;
  }
}

function within(parent: Judged, value: unknown, was: unknown): Judged {
  return { value, was, isTrusted: parent.isTrusted, depth: parent.depth + 1 };
}

function nameIn(object: JsonObject, name: string): string | undefined {
  return Object.hasOwn(object, name) ? name : undefined;
}

/** Tuples are `prefixItems` and `items`, or in older drafts a list in `items` and `additionalItems`. */
export function itemSchemaAt(schema: JsonObject, index: number): unknown {
  const { prefixItems, items, additionalItems } = schema;
  const tuple: unknown = Array.isArray(items) ? items : prefixItems;
  if (Array.isArray(tuple) && index < tuple.length) return tuple[index];
  return Array.isArray(items) ? additionalItems : items;
}

/** Equal by their text: members of another order are not, which errs on the side of care. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  return JSON.stringify(one) === JSON.stringify(other);
}

function anyOf(truths: readonly Truth[] | undefined): Truth {
  if (truths === undefined || truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

function oneOf(truths: readonly Truth[] | undefined): Truth {
  if (truths === undefined) return true;
  if (truths.filter((truth) => truth === true).length > 1) return false;
  return truths.includes(undefined) ? undefined : truths.includes(true);
}

function negate(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}
