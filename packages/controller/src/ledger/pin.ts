/** What people make of an inventory: pinning what they have read; and what bundles take from it. Pure. */
import {
  ledgerSections,
  type BundleLedger,
  type LedgerApproval,
  type LedgerEntry,
  type PinRequest,
  type ServerInventory,
} from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';

/** Earlier ones are in the API server's audit log, and the bundles that they made in the records of sidecars. */
const keptApprovals = 50;

/** Throws `object_conflict` where an entry's newest definition is another one than the person read. */
export function pin(
  inventory: ServerInventory,
  { entries, reason }: PinRequest,
  by: Pick<LedgerApproval, 'iss' | 'subject' | 'at'>,
): ServerInventory {
  let next = inventory;
  for (const { section, name, digest } of entries) {
    const found = next[section]?.find((entry) => entry.name === name);
    if (found === undefined) throw new ControllerError('not_found', 'no such entry in the inventory');
    if (found.digest !== digest) {
      throw new ControllerError('object_conflict', 'the server has another definition by now: look at it first');
    }
    next = {
      ...next,
      [section]: next[section]?.map((entry) => (entry.name === name ? pinned(entry) : entry)),
      drift: next.drift.filter((one) => one.section !== section || one.name !== name),
    };
  }
  const approval: LedgerApproval = { ...by, reason, entries };
  return { ...next, approvals: [...next.approvals, approval].slice(-keptApprovals) };
}

function pinned({ seen, definition, ...entry }: LedgerEntry): LedgerEntry {
  const text = entry.digest === entry.pinned ? definition : seen;
  return { ...entry, pinned: entry.digest, ...(text === undefined ? {} : { definition: text }) };
}

/** What a sidecar must know: digests, and which tools have drifted. */
export function toBundleLedger(inventory: ServerInventory): Omit<BundleLedger, 'onDrift'> {
  const [tools, prompts, templates, instructions] = ledgerSections.map((section) => toPins(inventory[section]));
  const drifted = inventory.drift.filter(({ section, change }) => section === 'tools' && change === 'changed');
  const text = Object.values(instructions ?? {})[0];
  return {
    ...(tools === undefined ? {} : { pins: tools }),
    ...(prompts === undefined ? {} : { prompts }),
    ...(templates === undefined ? {} : { templates }),
    ...(text === undefined ? {} : { instructions: text }),
    ...(drifted.length === 0 ? {} : { drifted: drifted.map(({ name }) => name).toSorted() }),
  };
}

/** In the order of names: equal pins are equal bytes in every bundle. */
function toPins(entries: readonly LedgerEntry[] | undefined): Record<string, string> | undefined {
  const pins = entries?.flatMap(({ name, pinned: digest }) => (digest === undefined ? [] : [[name, digest] as const]));
  return pins && Object.fromEntries(pins.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
