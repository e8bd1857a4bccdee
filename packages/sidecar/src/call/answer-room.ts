/** What answers of many megabytes, or requests, may take together. Each is bounded by itself; side by side they could end the process. */
export interface AnswerRoom {
  enter(answer: Pausable): Seat;
}

/** The application's answer: while paused, it stays unread in its socket. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** One answer's place. Every call after `leave` does nothing. */
export interface Seat {
  /** So many more bytes have come. Pauses the answer while there is no room for the next. */
  take(bytes: number): void;
  /** It has been inspected and handed on: the next may use the room that reading and masking take. */
  answered(): void;
  /** Its bytes are gone. */
  leave(): void;
}

/** Bytes of answers that are read side by side, before what inspecting them takes: about five times as much. */
export const answerRoomBytes = 8 * 1024 * 1024;

/**
 * An answer that is being read. It lets go of the answer when it leaves: V8's sets keep what was in them reachable from
 * their outgrown tables, and those from each other, so that under load every exchange would outlive its time and be
 * moved by the collector (a fifth of the CPU of a call).
 */
interface Place {
  waits: boolean;
  answer: Pausable | undefined;
}

/**
 * The oldest answer that is not handed on always goes on, so that none waits for ever: not for a slow client either,
 * whose answer is handed on but not gone.
 */
export function createAnswerRoom(maxBytes: number): AnswerRoom {
  const reading = new Set<Place>();
  let held = 0;
  const wake = (): void => {
    let isOldest = true;
    for (const place of reading) {
      if (place.waits && (isOldest || held <= maxBytes)) {
        place.waits = false;
        place.answer?.resume();
      }
      isOldest = false;
    }
  };
  const isOldest = (place: Place): boolean => reading.values().next().value === place;
  const remove = (place: Place): boolean => {
    place.answer = undefined;
    return reading.delete(place);
  };
  return {
    enter(answer) {
      const place: Place = { waits: false, answer };
      let own = 0;
      let left = false;
      reading.add(place);
      return {
        take(bytes) {
          if (left) return;
          own += bytes;
          held += bytes;
          if (held <= maxBytes || isOldest(place)) return;
          place.waits = true;
          place.answer?.pause();
        },
        answered() {
          if (remove(place)) wake();
        },
        leave() {
          if (left) return;
          left = true;
          held -= own;
          remove(place);
          wake();
        },
      };
    },
  };
}
