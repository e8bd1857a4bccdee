import { describe, expect, test } from '@jest/globals';
import type { BundleAlert } from '@tachograph/protocol';
import { createAlerts, type Alert, type WatchedCall } from './alerts.ts';
import { createEventWindows } from './alert-windows.ts';

const alice = { iss: 'https://id', sub: 'alice', type: 'human' } as const;
const base: WatchedCall = {
  principal: alice,
  session: undefined,
  method: 'tools/call',
  tool: 'read',
  verdict: 'allow',
  holdsCredential: false,
};
const rule = (kind: BundleAlert['kind'], parts: Partial<BundleAlert> = {}): BundleAlert => ({
  policy: 'n/p',
  name: kind.replace('_', '-'),
  kind,
  ...parts,
});

interface Running {
  readonly raised: Alert[];
  seconds: number;
  calls(rules: readonly BundleAlert[], count: number, call?: Partial<WatchedCall>): void;
  refused(rules: readonly BundleAlert[], count: number, address?: string): void;
}

function run(): Running {
  const raised: Alert[] = [];
  const alerts = createAlerts({
    clock: { nowMs: () => 0, monotonicNs: () => running.seconds * 1e9 },
    emit: (alert) => void raised.push(alert),
  });
  const running: Running = {
    raised,
    seconds: 1,
    calls(rules, count, call) {
      for (let done = 0; done < count; done++) alerts.call(rules, { ...base, ...call });
    },
    refused(rules, count, address = '10.0.0.9') {
      for (let done = 0; done < count; done++) alerts.refusedToken(rules, address);
    },
  };
  return running;
}

/** As many windows of a minute, each with as many calls. */
function live(running: Running, rules: readonly BundleAlert[], windows: readonly number[]): void {
  for (const count of windows) {
    running.calls(rules, count);
    running.seconds += 60;
  }
}

describe('repeated denials', () => {
  const denials = rule('denials', { threshold: 3, seconds: 60 });

  test('of one caller raise one alert in a window, and another in the next', () => {
    const running = run();
    running.calls([denials], 2, { verdict: 'deny' });
    expect(running.raised).toEqual([]);
    running.calls([denials], 50, { verdict: 'deny' });
    expect(running.raised).toEqual([
      { rule: denials, subject: { kind: 'caller', principal: alice }, count: 3, threshold: 3, seconds: 60 },
    ]);
    running.seconds += 60;
    running.calls([denials], 3, { verdict: 'deny' });
    expect(running.raised.length).toBe(2);
  });

  test('are counted for each caller, and not over the window’s end', () => {
    const running = run();
    const bob = { ...alice, sub: 'bob' };
    running.calls([denials], 2, { verdict: 'deny' });
    running.calls([denials], 2, { verdict: 'deny', principal: bob });
    running.seconds += 61;
    running.calls([denials], 2, { verdict: 'deny' });
    expect(running.raised).toEqual([]);
  });

  test('are not calls that pass or wait', () => {
    const running = run();
    running.calls([denials], 20);
    running.calls([denials], 20, { verdict: 'approve' });
    expect(running.raised).toEqual([]);
  });

  test('are ten in five minutes where the rule says nothing else', () => {
    const running = run();
    running.calls([rule('denials')], 9, { verdict: 'deny' });
    expect(running.raised).toEqual([]);
    running.calls([rule('denials')], 1, { verdict: 'deny' });
    expect(running.raised).toMatchObject([{ count: 10, threshold: 10, seconds: 300 }]);
  });
});

describe('a surge', () => {
  const surge = rule('surge', { threshold: 4, seconds: 60 });

  test('is told against what the caller does with the tool otherwise', () => {
    const running = run();
    live(running, [surge], [10, 10, 10, 10, 10, 10]);
    running.calls([surge], 40);
    expect(running.raised).toEqual([]);
    running.calls([surge], 40);
    expect(running.raised).toMatchObject([
      { subject: { principal: alice, tool: 'read' }, count: 41, baseline: 10, threshold: 4 },
    ]);
  });

  test('is none before there is a past, among few calls, or of another tool', () => {
    const running = run();
    live(running, [surge], [1, 1, 500]);
    live(
      running,
      [surge],
      Array.from({ length: 40 }, () => 1),
    );
    running.calls([surge], 19);
    running.calls([surge], 500, { tool: 'other' });
    expect(running.raised).toEqual([]);
    running.calls([surge], 1);
    expect(running.raised.length).toBe(1);
  });

  test('is not what a caller does regularly, however much, and pauses count', () => {
    const running = run();
    live(
      running,
      [surge],
      Array.from({ length: 20 }, () => 300),
    );
    expect(running.raised).toEqual([]);
    running.seconds += 3600;
    running.calls([surge], 300);
    expect(running.raised.length).toBe(1);
  });

  test('does not become the custom at once', () => {
    const running = run();
    live(running, [surge], [10, 10, 10, 10, 10, 10, 5000, 5000]);
    expect(running.raised.length).toBe(2);
  });

  test('costs no walk over the time that has passed', () => {
    const running = run();
    live(running, [surge], [10, 10]);
    running.seconds += 1e12;
    running.calls([surge], 1);
    expect(running.raised).toEqual([]);
  });
});

describe('credential-shaped probing', () => {
  const probing = rule('credential_probing', { threshold: 3, seconds: 60 });

  test('is requests with credentials in them, whatever becomes of them', () => {
    const running = run();
    running.calls([probing], 2, { holdsCredential: true });
    running.calls([probing], 9);
    expect(running.raised).toEqual([]);
    running.calls([probing], 1, { holdsCredential: true, verdict: 'deny' });
    expect(running.raised.length).toBe(1);
  });

  test('is tokens that nobody accepts, by address', () => {
    const running = run();
    running.refused([probing, rule('denials', { threshold: 1 })], 2);
    running.refused([probing], 2, '10.0.0.8');
    expect(running.raised).toEqual([]);
    running.refused([probing], 5);
    expect(running.raised).toMatchObject([{ subject: { kind: 'address', address: '10.0.0.9' }, count: 3 }]);
  });
});

test('a flood of subjects costs bounded memory', () => {
  const windows = createEventWindows();
  for (let index = 0; index < 20_000; index++) windows.add(`subject ${index}`, { threshold: 2, seconds: 60 }, 1e9);
  expect(windows.add('subject 0', { threshold: 2, seconds: 60 }, 1e9)).toBeUndefined();
  expect(windows.add('subject 19999', { threshold: 2, seconds: 60 }, 1e9)).toBe(2);
});
