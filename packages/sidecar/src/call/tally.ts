/** Counts of the life of a call: plain numbers on the path of a call, metrics only when somebody asks. */
export interface Tally {
  add(event: TallyEvent): void;
  counts(): Readonly<Record<TallyEvent, number>>;
}

export const tallyEvents = [
  'forwarded',
  'answered',
  'denied',
  'limited',
  'refused',
  'unidentified',
  'withheld',
  'upstream_error',
  'disconnected',
  'masked',
  'health',
  'held',
  'released',
  'hold_pending',
  'hold_cancelled',
  'login',
] as const;

export type TallyEvent = (typeof tallyEvents)[number];

export function createTally(): Tally {
  const counts: Record<TallyEvent, number> = {
    forwarded: 0,
    answered: 0,
    denied: 0,
    limited: 0,
    refused: 0,
    unidentified: 0,
    withheld: 0,
    upstream_error: 0,
    disconnected: 0,
    masked: 0,
    health: 0,
    held: 0,
    released: 0,
    hold_pending: 0,
    hold_cancelled: 0,
    login: 0,
  };
  return {
    add(event) {
      counts[event] += 1;
    },
    counts: () => counts,
  };
}
