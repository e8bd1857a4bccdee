/** What a report makes of an inventory: the first whole list is pinned, everything later is measured by it. Pure. */
import {
  diffDefinitions,
  maxLedgerEntries,
  type LedgerDrift,
  type LedgerEntry,
  type LedgerSection,
  type ObservedDefinition,
  type ServerInventory,
  type ToolsReport,
} from '@tachograph/protocol';

export interface Observed {
  readonly inventory: ServerInventory;
  /** Worth writing. */
  readonly isChanged: boolean;
  /** Of the reported entries, those that are not as pinned. */
  readonly drift: readonly LedgerDrift[];
  /** Those among them that were not known. */
  readonly fresh: readonly LedgerDrift[];
}

export const emptyInventory: ServerInventory = { drift: [], approvals: [] };

/** `lastSeen` alone is not written more often. */
const seenAgainMs = 10 * 60_000;
/** All definitions of one inventory together: an object of Kubernetes has its limit. */
const maxTextLength = 384 * 1024;

/** `at`: RFC 3339. */
export function observe(inventory: ServerInventory, { section, complete, items }: ToolsReport, at: string): Observed {
  const before = inventory[section];
  if (before === undefined) return firstSeen(inventory, { section, complete, items }, at);
  const seen = new Map(items.map((item) => [item.name, item]));
  const known = before.map((entry) => {
    const item = seen.get(entry.name);
    seen.delete(entry.name);
    return item === undefined ? entry : seenAgain(entry, item, at);
  });
  const added = [...seen.values()]
    .slice(0, Math.max(0, maxLedgerEntries - known.length))
    .map((item) => toNew(item, at));
  const entries = [...known, ...added];
  const drift = driftOf(inventory, section, { entries, names: new Set(items.map(({ name }) => name)), at });
  const next = trimmed({ ...inventory, [section]: entries, drift: drift.all });
  const isChanged =
    added.length > 0 || drift.isChanged || known.some((entry, index) => isWorthWriting(before[index], entry));
  return { inventory: next, isChanged, drift: drift.reported, fresh: drift.fresh };
}

/** A first page is no list: what follows it would look new. */
function firstSeen(inventory: ServerInventory, { section, complete, items }: ToolsReport, at: string): Observed {
  if (!complete) return { inventory, isChanged: false, drift: [], fresh: [] };
  const entries = items.map(({ name, digest, text }): LedgerEntry => ({
    name,
    digest,
    pinned: digest,
    firstSeen: at,
    lastSeen: at,
    ...(text === undefined ? {} : { definition: text }),
  }));
  return { inventory: trimmed({ ...inventory, [section]: entries }), isChanged: true, drift: [], fresh: [] };
}

function toNew({ name, digest, text }: ObservedDefinition, at: string): LedgerEntry {
  return { name, digest, firstSeen: at, lastSeen: at, ...(text === undefined ? {} : { seen: text }) };
}

function seenAgain(
  { seen: _seen, ...entry }: LedgerEntry,
  { digest, text }: ObservedDefinition,
  lastSeen: string,
): LedgerEntry {
  const next = { ...entry, digest, lastSeen };
  if (digest !== entry.pinned) return text === undefined ? next : { ...next, seen: text };
  return text === undefined || entry.definition !== undefined ? next : { ...next, definition: text };
}

function isWorthWriting(before: LedgerEntry | undefined, after: LedgerEntry): boolean {
  if (before === undefined || before.digest !== after.digest) return true;
  return Date.parse(after.lastSeen) - Date.parse(before.lastSeen) >= seenAgainMs;
}

interface Reported {
  readonly entries: readonly LedgerEntry[];
  readonly names: ReadonlySet<string>;
  readonly at: string;
}

function driftOf(inventory: ServerInventory, section: LedgerSection, { entries, names, at }: Reported) {
  const isReported = (one: LedgerDrift): boolean => one.section === section && names.has(one.name);
  const before = inventory.drift.filter(isReported);
  const reported = entries
    .filter(({ name, digest, pinned }) => names.has(name) && digest !== pinned)
    .map((entry) => {
      const known = before.find(({ name, digest }) => name === entry.name && digest === entry.digest);
      return { one: known ?? toDrift(section, entry, at), isFresh: known === undefined };
    });
  const others = inventory.drift.filter((one) => !isReported(one));
  const fresh = reported.filter(({ isFresh }) => isFresh).map(({ one }) => one);
  return {
    all: [...others, ...reported.map(({ one }) => one)],
    reported: reported.map(({ one }) => one),
    fresh,
    isChanged: fresh.length > 0 || before.length !== reported.length,
  };
}

function toDrift(section: LedgerSection, entry: LedgerEntry, since: string): LedgerDrift {
  const { name, digest, pinned, definition, seen } = entry;
  const diff = definition === undefined || seen === undefined ? [] : [...diffDefinitions(definition, seen)];
  const change = pinned === undefined ? 'new' : 'changed';
  return { section, name, change, digest, ...(pinned === undefined ? {} : { pinned }), diff, since };
}

/** Digests stay; texts that are too many are left out, the last first. */
function trimmed(inventory: ServerInventory): ServerInventory {
  let left = maxTextLength;
  const fitting = ({ definition, seen, ...entry }: LedgerEntry): LedgerEntry => {
    const texts = { ...(definition === undefined ? {} : { definition }), ...(seen === undefined ? {} : { seen }) };
    const length = (definition?.length ?? 0) + (seen?.length ?? 0);
    if (length > left) return entry;
    left -= length;
    return { ...entry, ...texts };
  };
  const { tools, prompts, templates, instructions } = inventory;
  return {
    ...inventory,
    ...(instructions === undefined ? {} : { instructions: instructions.map(fitting) }),
    ...(tools === undefined ? {} : { tools: tools.map(fitting) }),
    ...(prompts === undefined ? {} : { prompts: prompts.map(fitting) }),
    ...(templates === undefined ? {} : { templates: templates.map(fitting) }),
  };
}
