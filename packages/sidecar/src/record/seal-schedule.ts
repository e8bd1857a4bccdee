/** When an open segment is sealed beside its size (`contracts.md`, Seal). All times are wall-clock milliseconds. */
export interface SealState {
  readonly nowMs: number;
  /** UTC days since 1970. */
  readonly segmentDay: number;
  readonly openedMs: number;
  /** First record that is no heartbeat; `undefined`: heartbeats only. */
  readonly oldestMs: number | undefined;
  readonly lastSealMs: number;
  readonly sessionEnded: boolean;
  readonly terminating: boolean;
}

const contentAgeMs = 60_000;
const heartbeatAgeMs = 3_600_000;
const sessionSealMs = 10_000;
const dayMs = 86_400_000;

export function isSealDue(it: SealState): boolean {
  if (it.terminating || Math.floor(it.nowMs / dayMs) !== it.segmentDay) return true;
  if (it.sessionEnded && it.nowMs - it.lastSealMs >= sessionSealMs) return true;
  if (it.oldestMs !== undefined) return it.nowMs - it.oldestMs >= contentAgeMs;
  return it.nowMs - it.openedMs >= heartbeatAgeMs;
}
