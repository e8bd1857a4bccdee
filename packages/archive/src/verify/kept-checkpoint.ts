/** Checkpoints that the verifier has from elsewhere or from before: the log must extend each of them. */
import { equalBytes, toHex } from '../bytes.ts';
import { type Checkpoint, parseCheckpointNote, verifyCheckpoint } from '../checkpoint.ts';
import type { NoteKey } from '../note.ts';
import type { FindingKind } from './finding.ts';
import { report, type Verification } from './verification.ts';

/** `pinned`: given for this run. `remembered`: the newest that an earlier run saw, at `seenAt` (RFC 3339). */
export interface KeptCheckpoint {
  readonly kind: 'pinned' | 'remembered';
  /** The signed note. */
  readonly note: string;
  readonly seenAt?: string;
}

/** A kept checkpoint on its way through the walk. `holds`: the log has that root at that size. */
export interface Kept extends KeptCheckpoint {
  readonly size: number;
  holds: boolean;
}

const findingOf: Readonly<Record<KeptCheckpoint['kind'], FindingKind>> = {
  pinned: 'checkpoint.pinned',
  remembered: 'checkpoint.remembered',
};

/** Name of a kept checkpoint in findings: it is no object of the archive. */
function placeOf({ kind }: KeptCheckpoint): { readonly object: string } {
  return { object: `(${kind} checkpoint)` };
}

/** Reads those that are checkpoints; any other is a finding. */
export function toKept(run: Verification, checkpoints: readonly KeptCheckpoint[]): Kept[] {
  return checkpoints.flatMap((kept) => {
    const checkpoint = parseCheckpointNote(kept.note);
    if (checkpoint !== undefined) return [{ ...kept, size: checkpoint.size, holds: false }];
    report(run, findingOf[kept.kind], placeOf(kept), 'not a checkpoint');
    return [];
  });
}

/** At the kept checkpoint's own size: its checkpoint when the log's root is the same. */
export function compareKept(
  run: Verification,
  kept: Kept,
  log: { readonly keys: readonly NoteKey[]; readonly root: Uint8Array },
): Checkpoint | undefined {
  const checkpoint = verifyCheckpoint(run.crypto, kept.note, log.keys);
  if (checkpoint === undefined) {
    report(run, findingOf[kept.kind], placeOf(kept), 'not signed by the log');
    return undefined;
  }
  if (!equalBytes(checkpoint.root, log.root)) {
    report(run, findingOf[kept.kind], placeOf(kept), rewrittenText(kept, checkpoint, log.root));
    return undefined;
  }
  kept.holds = true;
  return checkpoint;
}

function rewrittenText(kept: Kept, { size, root }: Checkpoint, found: Uint8Array): string {
  const [was, is] = [root, found].map((hash) => toHex(hash).slice(0, 16));
  if (kept.kind === 'pinned') return `another history: the roots at size ${size} differ`;
  return `history was rewritten: at log size ${size} the root was ${was}… when it was verified${seenText(kept)}, now it is ${is}…`;
}

/** After the last batch: a log that is shorter than it was. */
export function reportShortened(run: Verification, kept: Kept, size: number): void {
  if (kept.size <= size) return;
  const reason =
    kept.kind === 'pinned'
      ? `the pinned checkpoint has size ${kept.size}, the batches reach ${size} only`
      : `history was truncated: the log had ${kept.size} leaves when it was verified${seenText(kept)}, now it has ${size}${olderText(run)}`;
  report(run, findingOf[kept.kind], placeOf(kept), reason);
}

/** A copy that was pulled before looks the same as one that was cut. */
function olderText({ source }: Verification): string {
  return source.authoritative ? '' : '; if this is an older copy, say --no-remember';
}

function seenText({ seenAt }: KeptCheckpoint): string {
  return seenAt === undefined ? '' : ` at ${seenAt}`;
}
