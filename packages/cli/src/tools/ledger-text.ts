/** Inventories for people: what a server offers, and what of it nobody has approved. */
import {
  ledgerSections,
  type LedgerDrift,
  type LedgerEntry,
  type LedgerSection,
  type ServerView,
} from '@tachograph/protocol';
import { printable, textTable } from '../text-table.ts';

export interface ListedEntry extends LedgerEntry {
  readonly section: LedgerSection;
}

/** Every entry of an inventory, in the order of sections. */
export function entriesOf(server: ServerView): readonly ListedEntry[] {
  return ledgerSections.flatMap((section) => (server[section] ?? []).map((entry) => ({ ...entry, section })));
}

/** `pinned`, `changed` or `new`. */
export function stateOf({ digest, pinned }: LedgerEntry): string {
  if (pinned === undefined) return 'new';
  return pinned === digest ? 'pinned' : 'changed';
}

/** A table of all entries. */
export function listText(servers: readonly ServerView[]): string {
  const rows = servers.flatMap((server) =>
    entriesOf(server).map((entry) => [
      `${server.namespace}/${server.workload}`,
      entry.section,
      entry.name,
      stateOf(entry),
      entry.digest.slice(0, 12),
      entry.lastSeen,
    ]),
  );
  return textTable([['WORKLOAD', 'SECTION', 'NAME', 'STATE', 'DIGEST', 'LAST SEEN'], ...rows]);
}

/** What differs from the pins, field by field. */
export function diffText(server: ServerView): string {
  return server.drift.map((drift) => oneDiff(server, drift)).join('\n');
}

function oneDiff(server: ServerView, drift: LedgerDrift): string {
  const { section, name, change, since, digest, pinned, diff } = drift;
  const head = `${server.namespace}/${server.workload} ${section} ${printable(name)}: ${change} since ${since}`;
  const digests = `  pinned ${pinned?.slice(0, 12) ?? '-'}, now ${digest.slice(0, 12)}`;
  return `${[head, digests, ...bodyOf(server, drift, diff.flatMap(fieldLines))].join('\n')}\n`;
}

/** Where there is nothing to compare with, the whole definition. */
function bodyOf(server: ServerView, { section, name }: LedgerDrift, lines: readonly string[]): readonly string[] {
  if (lines.length > 0) return lines;
  const seen = server[section]?.find((entry) => entry.name === name)?.seen;
  return [seen === undefined ? '  (too long to be kept: ask the server)' : `  + ${printable(seen)}`];
}

function fieldLines({ path, before, after }: LedgerDrift['diff'][number]): readonly string[] {
  return [
    `  ${printable(path === '' ? '(all)' : path)}`,
    ...(before === undefined ? [] : [`  - ${printable(before)}`]),
    ...(after === undefined ? [] : [`  + ${printable(after)}`]),
  ];
}
