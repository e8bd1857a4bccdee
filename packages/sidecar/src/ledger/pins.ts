/** What is pinned, as a bundle says it. */
import { instructionsName, type BundleLedger, type LedgerSection } from '@tachograph/protocol';

export type OnDrift = 'record' | 'hide' | 'hold';

/** The ledger's part of the policy in force. */
export interface LedgerPins {
  readonly onDrift: OnDrift;
  /** Digest by name; `undefined`: nothing of this section has been pinned yet. */
  readonly of: (section: LedgerSection) => ReadonlyMap<string, string> | undefined;
  /** Tools that were last seen changed, perhaps by another pod. */
  readonly drifted: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/** Pins of a workload that the controller knows nothing of yet. */
export const noPins: LedgerPins = { onDrift: 'record', of: () => undefined, drifted: none };

export function compilePins(ledger: BundleLedger | undefined): LedgerPins {
  if (ledger === undefined) return noPins;
  const { onDrift = 'record', pins, prompts, templates, instructions, drifted } = ledger;
  const sections: Readonly<Record<LedgerSection, ReadonlyMap<string, string> | undefined>> = {
    tools: toMap(pins),
    prompts: toMap(prompts),
    templates: toMap(templates),
    instructions: instructions === undefined ? undefined : new Map([[instructionsName, instructions]]),
  };
  return { onDrift, of: (section) => sections[section], drifted: new Set(drifted) };
}

function toMap(pins: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> | undefined {
  return pins === undefined ? undefined : new Map(Object.entries(pins));
}
