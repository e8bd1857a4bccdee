import type { Counter, Logger } from '@tachograph/service';
import type { Clock } from '@tachograph/service';
import type { ObjectStore } from '@tachograph/store';
import type { Identity, Pods } from '../ports.ts';
import type { LogPort } from '../sequencer/log-port.ts';

/** What every step of ingest works with. A replica keeps nothing that it cannot lose. */
export interface IngestContext {
  readonly cluster: string;
  readonly store: ObjectStore;
  readonly sequencer: LogPort;
  readonly identity: Identity;
  readonly pods: Pods;
  readonly clock: Clock;
  readonly log: Logger;
  /** Other bytes under a name of ours: an alarm. */
  readonly conflicts: Counter;
}

export function timeOf(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
