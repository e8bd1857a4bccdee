/** `pull.json`, at the root of a pulled directory: what of the archive was asked for (`archive-format.md`, Objects). */

import { fieldsOf, parseJsonFields } from './json-object.ts';

/** Which sessions: all that are given must fit. `from`, `to`: RFC 3339, half open, against the session's whole time. */
export interface SessionSelection {
  readonly namespace?: string;
  /** `sub` of the caller's token. */
  readonly subject?: string;
  /** What kind of caller it was: `human`, `workload`, `ci` or `anonymous`. */
  readonly subjectType?: string;
  /** A group of the caller's token. */
  readonly group?: string;
  /** `client_id` of the token, or the name that the client gave itself. */
  readonly client?: string;
  /** Workload, or `namespace/workload`. */
  readonly server?: string;
  /** Name of a tool that the session called. */
  readonly tool?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What was asked for. The log and the keys are always pulled whole. */
export type PullSelection =
  | { readonly kind: 'all' }
  | { readonly kind: 'session'; readonly session: string }
  /** Every object of the UTC days from `from` up to `to`, both included (`YYYY-MM-DD`). */
  | { readonly kind: 'period'; readonly namespace?: string; readonly from?: string; readonly to?: string }
  | ({ readonly kind: 'sessions' } & SessionSelection)
  /** The objects that the `hold.placed` leaves of one hold name. */
  | { readonly kind: 'hold'; readonly hold: string };

/** `objects`: every name that the selection covers, in the archive's own names. */
export interface PullList {
  readonly v: 1;
  readonly selection: PullSelection;
  readonly objects: readonly string[];
  /** The sessions that the selection covers, where it is one of sessions. */
  readonly sessions?: readonly string[];
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
  const sessions = fields.get('sessions');
  if (fields.get('v') !== 1 || !isSelection(selection) || !isNames(objects)) return undefined;
  if (!isVersions(noncurrent) || (sessions !== undefined && !isNames(sessions))) return undefined;
  return { v: 1, selection, objects, noncurrent, ...(sessions === undefined ? {} : { sessions }) };
}

interface Texts {
  readonly needed: readonly string[];
  readonly allowed: readonly string[];
}

const selections: ReadonlyMap<unknown, Texts> = new Map<PullSelection['kind'], Texts>([
  ['all', { needed: [], allowed: [] }],
  ['session', { needed: ['session'], allowed: [] }],
  ['period', { needed: [], allowed: ['namespace', 'from', 'to'] }],
  [
    'sessions',
    { needed: [], allowed: ['namespace', 'subject', 'subjectType', 'group', 'client', 'server', 'tool', 'from', 'to'] },
  ],
  ['hold', { needed: ['hold'], allowed: [] }],
]);

function isSelection(value: unknown): value is PullSelection {
  const fields = fieldsOf(value);
  const texts = selections.get(fields.get('kind'));
  const isText = (name: string): boolean => typeof fields.get(name) === 'string';
  return (
    texts !== undefined &&
    texts.needed.every(isText) &&
    texts.allowed.every((name) => !fields.has(name) || isText(name))
  );
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isVersions(value: unknown): value is NonNullable<PullList['noncurrent']> {
  return (
    Array.isArray(value) && value.every((it) => isNames([fieldsOf(it).get('name'), fieldsOf(it).get('generation')]))
  );
}
