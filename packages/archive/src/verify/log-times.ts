/** Times in leaves are the operator's own clocks; that they contradict each other, or this machine's, is worth saying. */
import type { Leaf } from '@tachograph/protocol';
import type { Place } from './finding.ts';
import { report, type Verification } from './verification.ts';

/** Replicas' clocks differ, and a leaf may wait for its turn. */
const backwardsMs = 15 * 60_000;
const aheadMs = 5 * 60_000;

/** The newest time so far. */
export interface LogTimes {
  newestMs: number;
  /** The log's clock is behind what it said before, and that was reported. */
  isBehind: boolean;
}

export function createLogTimes(): LogTimes {
  return { newestMs: Number.NEGATIVE_INFINITY, isBehind: false };
}

/** RFC 3339, as its writer asserts it. */
export function timeOf(leaf: Leaf): string {
  return 'at' in leaf ? leaf.at : leaf.receivedAt;
}

/** Reports once for every time that the clock goes back. */
export function takeTime(run: Verification, times: LogTimes, leaf: Leaf, place: Place): void {
  const ms = Date.parse(timeOf(leaf));
  if (Number.isNaN(ms)) return report(run, 'leaf.malformed', place, `the time of this ${leaf.type} leaf is none`);
  const isBehind = ms < times.newestMs - backwardsMs;
  if (isBehind && !times.isBehind) {
    const newest = new Date(times.newestMs).toISOString();
    report(run, 'log.time', place, `the log's clock went back: ${timeOf(leaf)} after ${newest}`);
  }
  times.isBehind = isBehind;
  times.newestMs = Math.max(times.newestMs, ms);
}

/** Against the clock of the machine that verifies. */
export function finishTimes(run: Verification, times: LogTimes, nowMs: number | undefined): void {
  if (nowMs === undefined || !Number.isFinite(times.newestMs) || times.newestMs <= nowMs + aheadMs) return;
  const [newest, now] = [times.newestMs, nowMs].map((ms) => new Date(ms).toISOString());
  report(
    run,
    'log.future',
    { object: 'v1/log/batch/' },
    `the newest leaf is of ${newest}, but here it is ${now}: one of the two clocks is wrong`,
  );
}
