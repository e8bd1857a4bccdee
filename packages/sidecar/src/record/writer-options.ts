import type { Durability, RecordDraft } from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import type { EncodedLine } from './line-encoder.ts';
import type { OpenState } from './open-state.ts';
import type { Quota } from './quota.ts';
import type { RawSegment } from './segment-file.ts';
import type { SpoolFs } from './spool-fs.ts';
import type { SignedHead, StreamKey } from './stream-key.ts';
import type { Timers } from './timers.ts';

/** A record that is made when its turn comes. */
export type LateDraft = () => RecordDraft;

export interface WriterOptions {
  readonly stream: string;
  readonly dir: string;
  /** Of `dir`, for syncing names. */
  readonly dirFd: number;
  readonly durability: Durability;
  readonly key: StreamKey;
  readonly quota: Quota;
  readonly fs: SpoolFs;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Before the first line is written: its text and signature go into `stream.json`. Throws what the disk throws. */
  readonly onFirstLine: (line: string, head: SignedHead) => void;
  /** Each line in order, as soon as it has its place in the chain. */
  readonly onLine: (line: EncodedLine, draft: RecordDraft, wallMs: number) => void;
  /** What is open now, for the files beside the segments. */
  readonly openState: () => OpenState;
  readonly onSegment: (segment: RawSegment) => void;
  /** After each group: the writer is idle and may be rotated. */
  readonly onGroup: () => void;
  readonly onRepaired: (outage: WriteOutage) => void;
}

/** A time in which records could not be written. `first` > `last`: no line was waiting. */
export interface WriteOutage {
  readonly error: string;
  readonly sinceMs: number;
  /** Lines whose callers were refused but which were written afterwards. */
  readonly first: number;
  readonly last: number;
  readonly refused: number;
}
