/** When the state of a stream is kept: at its end, from time to time, and when the run is to stop. */
import type { StreamPorts, StreamState } from '@tachograph/archive';

export interface StateSaverOptions {
  readonly nowMs: () => number;
  /** How often a stream that is under way is kept; `undefined`: nothing is kept. */
  readonly everyMs: number | undefined;
  readonly isStopping: () => boolean;
  readonly save: (state: StreamState) => void;
}

export interface StateSaver {
  readonly onState: NonNullable<StreamPorts['onState']>;
  /** Whether `onState` threw this, to end a stream that is not at its end. */
  readonly isStop: (error: unknown) => boolean;
}

/** Keeps states; ends the stream at hand, between two segments, when the run is to stop. */
export function createStateSaver({ nowMs, everyMs, isStopping, save }: StateSaverOptions): StateSaver {
  const stop = new Error('stopped');
  let savedMs = nowMs();
  return {
    onState(state, whole) {
      const stopping = isStopping();
      const due = everyMs !== undefined && (whole || stopping || nowMs() - savedMs >= everyMs);
      if (due) {
        save(state());
        savedMs = nowMs();
      }
      if (stopping) throw stop;
    },
    isStop: (error) => error === stop,
  };
}
