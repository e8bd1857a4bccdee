import { describe, expect, test } from '@jest/globals';
import { isSealDue, type SealState } from './seal-schedule.ts';

const noon = Date.UTC(2026, 0, 2, 12);
const base: SealState = {
  nowMs: noon,
  segmentDay: Math.floor(noon / 86_400_000),
  openedMs: noon,
  oldestMs: undefined,
  lastSealMs: noon,
  sessionEnded: false,
  terminating: false,
};

describe('a segment is due for sealing', () => {
  test.each<[string, Partial<SealState>, boolean]>([
    ['not with heartbeats of 59 minutes', { nowMs: noon + 59 * 60_000 }, false],
    ['with heartbeats of an hour', { nowMs: noon + 60 * 60_000 }, true],
    ['not 59 s after its first other record', { nowMs: noon + 59_000, oldestMs: noon }, false],
    ['60 s after its first other record', { nowMs: noon + 60_000, oldestMs: noon }, true],
    ['not within 10 s of the last seal when a session ends', { nowMs: noon + 9999, sessionEnded: true }, false],
    ['10 s after the last seal when a session has ended', { nowMs: noon + 10_000, sessionEnded: true }, true],
    ['at UTC midnight', { nowMs: Date.UTC(2026, 0, 3), openedMs: Date.UTC(2026, 0, 3) - 1 }, true],
    ['at every look while terminating', { terminating: true }, true],
  ])('%s', (_name, changed, due) => {
    expect(isSealDue({ ...base, ...changed })).toBe(due);
  });
});
