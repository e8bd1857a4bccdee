/** Which of the policy's witnesses signed what, and whether that is enough. */
import { verifyCosignature } from '../cosignature.ts';
import { type LogPolicy, meetsQuorum } from '../log-policy.ts';
import { isSigner, type Note } from '../note.ts';
import type { Place } from './finding.ts';
import { report, type Verification } from './verification.ts';

/** What one witness has cosigned. `size`: the largest log size; `at`: when it cosigned that, RFC 3339. */
export interface WitnessReport {
  /** As the policy names it. */
  readonly witness: string;
  /** The name in its signature lines. */
  readonly keyName: string;
  readonly checkpoints: number;
  readonly size?: number;
  readonly at?: string;
}

/** The leaves after the newest checkpoint with a quorum may be this young without being cosigned. */
const uncosignedMs = 15 * 60_000;

/** Cosignatures so far. */
export interface WitnessTally {
  readonly policy: LogPolicy;
  readonly signed: Map<string, { checkpoints: number; size: number; timeS: number }>;
  /** Largest size that a quorum cosigned; -1: none. */
  witnessedSize: number;
  /** When the last of that quorum did, Unix seconds. */
  witnessedAtS: number;
  /** Time of the first leaf after it. */
  firstAfter: string | undefined;
}

/** What of the tally the caller insists on. */
export interface WitnessDemand {
  /** Without a quorum over all but the newest minutes, inputs are missing. */
  readonly required: boolean;
  /** The newest quorum may be this old by this machine's clock. */
  readonly maxAgeS?: number;
}

export function createWitnessTally(policy: LogPolicy): WitnessTally {
  return { policy, signed: new Map(), witnessedSize: -1, witnessedAtS: 0, firstAfter: undefined };
}

/** Counts the cosignatures of a checkpoint that holds. */
export function tally(run: Verification, all: WitnessTally, note: Note, at: { size: number; place: Place }): void {
  const cosigned = new Map<string, number>();
  for (const [name, witness] of all.policy.witnesses) {
    const timeS = verifyCosignature(run.crypto, note, witness);
    if (timeS !== undefined) cosigned.set(name, timeS);
    else if (note.signatures.some((line) => isSigner(witness, line))) {
      report(run, 'checkpoint.cosignature', at.place, `the cosignature of witness ${name} does not hold`);
    }
  }
  for (const [name, timeS] of cosigned) count(all, name, { size: at.size, timeS });
  if (!meetsQuorum(all.policy, new Set(cosigned.keys())) || at.size < all.witnessedSize) return;
  all.witnessedSize = at.size;
  all.witnessedAtS = Math.max(...cosigned.values());
  all.firstAfter = undefined;
}

function count(all: WitnessTally, name: string, { size, timeS }: { size: number; timeS: number }): void {
  const known = all.signed.get(name) ?? { checkpoints: 0, size: -1, timeS: 0 };
  const newer = size >= known.size ? { size, timeS } : known;
  all.signed.set(name, { ...newer, checkpoints: known.checkpoints + 1 });
}

/** After the last leaf: leaves that no quorum covers, and a quorum that is too old. */
export function finishTally(run: Verification, all: WitnessTally, demand: WitnessDemand, newestMs: number): void {
  const { policy, witnessedSize } = all;
  if (policy.quorum === 'none') return;
  const kind = demand.required ? 'witness.missing' : 'checkpoint.unwitnessed';
  const place = { object: 'v1/log/checkpoint/' };
  if (witnessedSize < 0) return report(run, kind, place, `no checkpoint has the quorum ${policy.quorum}`);
  if (all.firstAfter !== undefined && newestMs - Date.parse(all.firstAfter) > uncosignedMs) {
    const reason = `the quorum ${policy.quorum} reaches log size ${witnessedSize}: what was logged since ${all.firstAfter} is not cosigned`;
    report(run, kind, place, reason);
  }
  const ageS = run.nowMs === undefined ? 0 : run.nowMs / 1000 - all.witnessedAtS;
  if (demand.maxAgeS !== undefined && ageS > demand.maxAgeS) {
    const since = new Date(all.witnessedAtS * 1000).toISOString();
    const reason = `the newest quorum is of ${since}, older than asked for: leaves after it may have been cut off`;
    report(run, 'witness.missing', place, reason);
  }
}

/** Every witness of the policy, those without a signature too. */
export function witnessReports({ policy, signed }: WitnessTally): WitnessReport[] {
  return [...policy.witnesses].map(([witness, { name: keyName }]) => {
    const found = signed.get(witness);
    if (found === undefined) return { witness, keyName, checkpoints: 0 };
    const { checkpoints, size, timeS } = found;
    return { witness, keyName, checkpoints, size, at: new Date(timeS * 1000).toISOString() };
  });
}
