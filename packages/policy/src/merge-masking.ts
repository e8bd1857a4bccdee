import type { MaskingAllowance, MaskingSpec, MaskTransform } from '@tachograph/protocol';

/** From what gives nothing away to what shows a part of the value. */
const strictness: readonly MaskTransform[] = ['drop', 'redact', 'token', 'fpe', 'partial'];

/**
 * What several policies for one workload say about masking, as one; none of them loosens what another says. What masks
 * more adds up: `keys`, `patterns`, `rules`, `points` of `recall`, `blobs: drop`. What masks less (`off`, `allow`, rules
 * that keep, a record point of `balanced`) holds only where every policy that has the field says it. Of transforms the
 * strictest holds. Of recognizers the first stays; `recognizersDiffer` tells whether there are others.
 */
export function mergeMasking(specs: readonly MaskingSpec[]): MaskingSpec {
  const { client, record } = mergePoints(specs);
  const [recognizer] = specs.flatMap((spec) => (spec.recognizer === undefined ? [] : [spec.recognizer]));
  return {
    ...unlessEmpty('off', inAll(valuesOf(specs, 'off'))),
    ...unlessEmpty('keys', unique(valuesOf(specs, 'keys').flat())),
    ...unlessEmpty('patterns', unique(valuesOf(specs, 'patterns').flat())),
    ...unlessEmpty('rules', mergeRules(specs)),
    ...mergeTransforms(valuesOf(specs, 'transforms')),
    ...unlessEmpty('allow', mergeAllowances(specs)),
    ...(client === undefined && record === undefined
      ? {}
      : { points: { ...(client && { client }), ...(record && { record }) } }),
    ...mergeBlobs(specs),
    ...(recognizer === undefined ? {} : { recognizer }),
  };
}

/**
 * A floor as a policy that says something about everything: what it leaves out is as if no policy were there, so merged
 * with others none of them masks less.
 */
export function floorOf(floor: MaskingSpec): MaskingSpec {
  return {
    off: [],
    rules: [],
    allow: [],
    ...floor,
    transforms: { default: 'redact', ...floor.transforms },
    points: { record: 'recall', ...floor.points },
  };
}

/** True where two policies name different recognizers: one of them would silently go unasked. */
export function recognizersDiffer(specs: readonly MaskingSpec[]): boolean {
  return unique(valuesOf(specs, 'recognizer')).length > 1;
}

function valuesOf<K extends keyof MaskingSpec>(
  specs: readonly MaskingSpec[],
  field: K,
): readonly NonNullable<MaskingSpec[K]>[] {
  return specs.flatMap((spec) => {
    const value = spec[field];
    return value === undefined ? [] : [value];
  });
}

function unlessEmpty<K extends string, T>(field: K, list: readonly T[]): { [key in K]?: T[] } {
  const filled: { [key in K]?: T[] } = {};
  if (list.length > 0) filled[field] = [...list];
  return filled;
}

/** Of the first list, what all lists hold. */
function inAll<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const known = lists.map((list) => new Set(list.map(textOf)));
  return unique(lists[0] ?? []).filter((one) => known.every((texts) => texts.has(textOf(one))));
}

function unique<T>(list: readonly T[]): readonly T[] {
  return [...new Map(list.map((one) => [textOf(one), one])).values()];
}

/** Equal for equal values, whatever the order of their members. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  if (Array.isArray(value)) return JSON.stringify(value.map(textOf));
  return JSON.stringify(
    Object.entries(value)
      .map(([key, member]) => [key, textOf(member)])
      .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
}

function mergeRules(specs: readonly MaskingSpec[]): NonNullable<MaskingSpec['rules']> {
  const lists = valuesOf(specs, 'rules');
  const keeps = inAll(lists.map((list) => list.filter(({ transform }) => transform === 'keep')));
  const masks = unique(lists.flat().filter(({ transform }) => transform !== 'keep'));
  return [...masks, ...keeps];
}

function mergeTransforms(maps: readonly Readonly<Record<string, MaskTransform>>[]): Pick<MaskingSpec, 'transforms'> {
  const ids = new Set(maps.flatMap((map) => Object.keys(map)));
  if (ids.size === 0) return {};
  return { transforms: Object.fromEntries([...ids].map((id) => [id, strictest(maps, id)])) };
}

function strictest(maps: readonly Readonly<Record<string, MaskTransform>>[], id: string): MaskTransform {
  const said = maps.map((map) => map[id] ?? map['default']);
  return strictness.find((transform) => said.includes(transform)) ?? 'redact';
}

function mergeAllowances(specs: readonly MaskingSpec[]): readonly MaskingAllowance[] {
  return inAll(valuesOf(specs, 'allow'));
}

function mergePoints(specs: readonly MaskingSpec[]): NonNullable<MaskingSpec['points']> {
  const points = valuesOf(specs, 'points');
  return {
    client: recallFirst(points.map(({ client }) => client)),
    record: recallFirst(points.map(({ record }) => record)),
  };
}

function recallFirst(modes: readonly ('balanced' | 'recall' | undefined)[]): 'balanced' | 'recall' | undefined {
  if (modes.includes('recall')) return 'recall';
  return modes.includes('balanced') ? 'balanced' : undefined;
}

function mergeBlobs(specs: readonly MaskingSpec[]): Pick<MaskingSpec, 'blobs'> {
  const said = valuesOf(specs, 'blobs');
  if (said.includes('drop')) return { blobs: 'drop' };
  return said.includes('allow') ? { blobs: 'allow' } : {};
}
