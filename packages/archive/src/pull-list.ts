/** `pull.json`, at the root of a pulled directory: what of the archive was asked for. */

import { fieldsOf, parseJsonFields } from './json-object.ts';

/** What was asked for. The log and the keys are always pulled whole. */
export type PullSelection =
  | { readonly kind: 'all' }
  | { readonly kind: 'session'; readonly session: string }
  | { readonly kind: 'period'; readonly namespace?: string; readonly from?: string; readonly to?: string };

/** `objects`: every name that the selection covers, in the archive's own names. */
export interface PullList {
  readonly v: 1;
  readonly selection: PullSelection;
  readonly objects: readonly string[];
  /** Versions in the bucket that were hidden by another or deleted: copied as facts, for the verifier. */
  readonly noncurrent?: readonly { readonly name: string; readonly generation: string }[];
}

/** Its name. It is no object of the archive, and nothing signs it. */
export const pullListName = 'pull.json';

/** Reads `pull.json`; `undefined` when malformed. */
export function parsePullList(text: string): PullList | undefined {
  const fields = parseJsonFields(text);
  const selection = fields.get('selection');
  const objects = fields.get('objects');
  const noncurrent = fields.get('noncurrent') ?? [];
  if (fields.get('v') !== 1 || !isSelection(selection) || !isNames(objects)) return undefined;
  return isVersions(noncurrent) ? { v: 1, selection, objects, noncurrent } : undefined;
}

function isSelection(value: unknown): value is PullSelection {
  const fields = fieldsOf(value);
  const kind = fields.get('kind');
  if (kind === 'session') return typeof fields.get('session') === 'string';
  return kind === 'all' || kind === 'period';
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isVersions(value: unknown): value is NonNullable<PullList['noncurrent']> {
  return (
    Array.isArray(value) && value.every((it) => isNames([fieldsOf(it).get('name'), fieldsOf(it).get('generation')]))
  );
}
