import type { PullSelection } from '../pull-list.ts';
import type { Severity } from './finding.ts';
import type { VerifyCounts } from './verification.ts';
import type { WitnessReport } from './witness-tally.ts';

/** What independent of the operator holds the log in place, up to `size` leaves. */
export type Anchor =
  | { readonly kind: 'none' }
  | { readonly kind: 'witnessed'; readonly size: number }
  | { readonly kind: 'pinned'; readonly size: number }
  /** The newest checkpoint that an earlier run of this verifier saw, at `seenAt`. */
  | { readonly kind: 'remembered'; readonly size: number; readonly seenAt?: string };

/** The one word for an archive. `incomplete`: what is absent is explained. `missing`: this copy lacks inputs. */
export type Verdict = 'verified' | 'tampered' | 'incomplete' | 'missing';

/** Exit code of each verdict (`contracts.md`, Names). */
export const verdictExitCode = { verified: 0, tampered: 1, incomplete: 2, missing: 3 } as const satisfies Readonly<
  Record<Verdict, number>
>;

/** The result of a verification. `root`: hex. */
export interface VerifyReport {
  readonly verdict: Verdict;
  readonly exitCode: 0 | 1 | 2 | 3;
  /** The verdict in one sentence. */
  readonly text: string;
  readonly anchor: Anchor;
  readonly log: { readonly size: number; readonly root: string };
  /** Newest checkpoint that agrees with the leaves; `note`: as it is signed. */
  readonly checkpoint?: {
    readonly origin: string;
    readonly size: number;
    readonly root: string;
    readonly note: string;
  };
  /** Every witness of the policy, and what it cosigned. */
  readonly witnesses: readonly WitnessReport[];
  /** Times of the first and the last leaf, as the log asserts them. */
  readonly period?: { readonly from: string; readonly to: string };
  /** Where coverage of pods rests on: the operator's own statements, or an audit log obtained elsewhere. */
  readonly coverage: 'stated by the operator' | 'compared with the audit log';
  readonly selection?: PullSelection;
  readonly counts: Readonly<VerifyCounts>;
  readonly findings: Readonly<Record<Severity, number>>;
}

/** The gravest severity decides; what is tampered with stays so however much is missing. */
export function verdictOf(findings: Readonly<Record<Severity, number>>): Verdict {
  if (findings.tampered > 0) return 'tampered';
  if (findings.missing > 0) return 'missing';
  return findings.incomplete > 0 ? 'incomplete' : 'verified';
}

const verdictText: Readonly<Record<Verdict, string>> = {
  verified: 'verified',
  tampered: 'tampered',
  incomplete: 'incomplete, but explained',
  missing: 'inputs are missing',
};

/** The verdict, and what it rests on. */
export function sentenceOf(verdict: Verdict, anchor: Anchor): string {
  const consistent = verdict === 'verified' ? 'self-consistent, ' : '';
  return `${verdictText[verdict]}; ${anchor.kind === 'none' ? consistent : ''}${anchorText(anchor)}`;
}

function anchorText(anchor: Anchor): string {
  if (anchor.kind === 'none') return 'not independently anchored';
  if (anchor.kind === 'witnessed') return `cosigned by the policy's witnesses up to log size ${anchor.size}`;
  return `extends the ${anchor.kind} checkpoint of log size ${anchor.size}`;
}
