import { type BucketState, compareUtf8 } from './bucket-state.ts';
import { EmulatorError } from './emulator-error.ts';
import { isFields, parseJson } from './json-fields.ts';
import { parseInt64 } from './preconditions.ts';
import { type ObjectHistory, type ObjectVersion, liveVersion } from './resources.ts';

/** What one page of a listing is asked for. */
export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly startOffset: string;
  readonly endOffset: string | undefined;
  readonly versions: boolean;
  /** Only what was deleted for good and can be restored. */
  readonly softDeleted: boolean;
  readonly maxResults: number;
  /** Where the page before ended. */
  readonly after: PagePosition | undefined;
}

interface PagePosition {
  readonly name: string;
  readonly generation?: number;
}

/** One page; `nextPageToken` is there when more follows. */
export interface ListPage {
  readonly items: readonly ObjectVersion[];
  readonly prefixes: readonly string[];
  readonly nextPageToken: string | undefined;
}

const unsupported = ['matchGlob', 'includeFoldersAsPrefixes', 'includeTrailingDelimiter', 'filter'];

/** Reads the list parameters; those that the emulator would have to ignore are refused instead. */
export function parseListQuery(query: Readonly<Record<string, unknown>>): ListQuery {
  for (const name of unsupported) {
    if (query[name] !== undefined && query[name] !== 'false') {
      throw new EmulatorError('notImplemented', `The emulator does not support: ${name}`, { location: name });
    }
  }
  const asked = query['maxResults'] === undefined ? 1000 : parseInt64('maxResults', query['maxResults']);
  return {
    prefix: parseText(query['prefix']) ?? '',
    delimiter: parseText(query['delimiter']) || undefined,
    startOffset: parseText(query['startOffset']) ?? '',
    endOffset: parseText(query['endOffset']) || undefined,
    versions: query['versions'] === 'true',
    softDeleted: query['softDeleted'] === 'true',
    maxResults: Math.min(Math.max(asked, 1), 1000),
    after: parsePageToken(parseText(query['pageToken'])),
  };
}

/** One page of names in the order of their UTF-8 bytes, generations oldest first. */
export function listObjects(bucket: BucketState, query: ListQuery): ListPage {
  const items: ObjectVersion[] = [];
  const prefixes: string[] = [];
  let last: PagePosition | undefined;
  for (const entry of entries(bucket, query)) {
    if (items.length + prefixes.length === query.maxResults)
      return { items, prefixes, nextPageToken: toPageToken(last) };
    if (entry.kind === 'prefix') prefixes.push(entry.prefix);
    else items.push(entry.version);
    last = entry.kind === 'prefix' ? { name: entry.prefix } : toPosition(entry.version);
  }
  return { items, prefixes, nextPageToken: undefined };
}

type Entry =
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'object'; readonly version: ObjectVersion };

function* entries(bucket: BucketState, query: ListQuery): Generator<Entry> {
  const names = bucket.sortedNames();
  let lastPrefix: string | undefined;
  for (let at = firstIndex(names, query); at < names.length; at += 1) {
    const name = names[at]!;
    if (!inRange(name, query)) return;
    const prefix = commonPrefix(name, query);
    const versions = versionsToList(bucket, name, query);
    if (versions.length === 0 || (prefix !== undefined && skipsPrefix(prefix, lastPrefix, query))) continue;
    if (prefix === undefined) yield* versions.map((version) => ({ kind: 'object' as const, version }));
    else yield { kind: 'prefix', prefix };
    lastPrefix = prefix ?? lastPrefix;
  }
}

function firstIndex(names: readonly string[], query: ListQuery): number {
  const bounds = [query.prefix, query.startOffset, query.after?.name ?? ''].toSorted(compareUtf8);
  const bound = bounds.at(-1) ?? '';
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(names[middle]!, bound) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inRange(name: string, query: ListQuery): boolean {
  // Names with the prefix are contiguous and the scan starts at the first of them.
  if (!name.startsWith(query.prefix)) return false;
  return query.endOffset === undefined || compareUtf8(name, query.endOffset) < 0;
}

function commonPrefix(name: string, query: ListQuery): string | undefined {
  if (query.delimiter === undefined) return undefined;
  const at = name.indexOf(query.delimiter, query.prefix.length);
  return at === -1 ? undefined : name.slice(0, at + query.delimiter.length);
}

function skipsPrefix(prefix: string, lastPrefix: string | undefined, query: ListQuery): boolean {
  return prefix === lastPrefix || prefix === query.after?.name;
}

function versionsToList(bucket: BucketState, name: string, query: ListQuery): readonly ObjectVersion[] {
  const candidates = candidatesOf(bucket.history(name), query);
  if (query.after?.name !== name) return candidates;
  const afterGeneration = query.after.generation ?? Number.MAX_SAFE_INTEGER;
  const several = query.versions || query.softDeleted;
  return candidates.filter((version) => several && version.generation > afterGeneration);
}

function candidatesOf(history: ObjectHistory | undefined, query: ListQuery): readonly ObjectVersion[] {
  if (history === undefined) return [];
  if (query.softDeleted) return history.softDeleted ?? [];
  const live = liveVersion(history);
  return query.versions ? history.versions : live === undefined ? [] : [live];
}

function toPosition(version: ObjectVersion): PagePosition {
  return { name: version.name, generation: version.generation };
}

function toPageToken(position: PagePosition | undefined): string | undefined {
  return position === undefined ? undefined : Buffer.from(JSON.stringify(position)).toString('base64url');
}

function parsePageToken(token: string | undefined): PagePosition | undefined {
  if (token === undefined || token === '') return undefined;
  const position = parseJson(Buffer.from(token, 'base64url').toString('utf8'));
  if (isPagePosition(position)) return position;
  throw new EmulatorError('invalid', 'Invalid argument: pageToken', { location: 'pageToken' });
}

function isPagePosition(value: unknown): value is PagePosition {
  if (!isFields(value) || typeof value['name'] !== 'string') return false;
  return value['generation'] === undefined || typeof value['generation'] === 'number';
}

function parseText(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new EmulatorError('invalid', 'Invalid query parameter: given more than once.');
}
