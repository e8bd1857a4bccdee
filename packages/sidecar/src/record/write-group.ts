import type { EncodedLine, RecordTime } from './line-encoder.ts';
import type { LineDraft, Recorded, RecorderError } from './recorder.ts';
import type { LateDraft } from './writer-options.ts';

/** A record waiting for its batch. */
export interface Waiting extends RecordTime {
  readonly draft: LineDraft | LateDraft;
  /** What it counted in the quota while waiting. */
  readonly estimate: number;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: RecorderError) => void;
  /** Its blob is not durable yet: it and all after it wait. */
  blocked: boolean;
}

/** A record with its place in the chain. */
export interface Placed {
  readonly entry: Waiting;
  readonly line: EncodedLine;
}

/** What an I/O error left in memory. */
export interface Broken {
  readonly error: RecorderError;
  readonly sinceMs: number;
  /** Written when the disk works again: their place in the chain is taken. */
  readonly lines: Buffer;
  readonly first: number;
  refused: number;
}
