import { afterEach, describe, expect, test } from '@jest/globals';
import { silentLogger } from '@tachograph/service';
import { createGuardThread, type GuardThread, type GuardThreadOptions } from './guard-thread.ts';

const faulty = new URL('faulty-worker.test-support.ts', import.meta.url);
const open: GuardThread[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (thread) => thread.close()));
});

function start(options: Partial<GuardThreadOptions> = {}): GuardThread {
  const thread = createGuardThread({ log: silentLogger, loadMs: 30_000, deadlineMs: 20_000, ...options });
  open.push(thread);
  return thread;
}

async function ask(thread: GuardThread, text: string): Promise<string> {
  const { verdict, reasons } = await thread.judge({ kind: 'shell', text });
  return `${verdict}: ${reasons[0] ?? ''}`;
}

describe("the guards' thread", () => {
  test('judges SQL and shell texts', async () => {
    const thread = start();
    expect((await thread.judge({ kind: 'sql', text: 'DELETE FROM users' })).verdict).toBe('unbounded_write');
    expect((await thread.judge({ kind: 'sql', text: 'SELECT 1', dialect: 'mysql' })).verdict).toBe('read');
    expect((await thread.judge({ kind: 'shell', text: 'ls; rm -rf /' })).verdict).toBe('destructive');
    expect((await thread.judge({ kind: 'shell', text: ['echo', '; rm -rf /'] })).verdict).toBe('benign');
  });

  test.each([
    ['hangs', 'HANG', 'opaque: judging took too long'],
    ['never begins', 'NEVER', 'opaque: judging took too long'],
    ['ends', 'EXIT', 'opaque: the guard died'],
    ['throws outside of the judge', 'CRASH', 'opaque: the guard died'],
    ['runs out of memory', 'MEMORY', 'opaque: the guard died'],
    ['throws within the judge', 'THROW', 'opaque: the guard failed'],
  ])('is opaque on the text on which it %s, and goes on with the next', async (_, text, expected) => {
    const isSlow = text === 'HANG' || text === 'NEVER';
    const thread = start({ program: faulty, ...(isSlow ? { deadlineMs: 300, loadMs: 2_000 } : {}) });
    const [first, second] = await Promise.all([ask(thread, text), ask(thread, 'next')]);
    expect(first).toBe(expected);
    expect(second).toMatch(/^read: next/);
  });

  test('answers in the order in which it was asked', async () => {
    const thread = start({ program: faulty });
    expect(await Promise.all(['a', 'b', 'c'].map(async (text) => ask(thread, text)))).toEqual([
      'read: a 1',
      'read: b 2',
      'read: c 3',
    ]);
  });

  test('is replaced after its number of texts, and when the process has grown', async () => {
    const worn = start({ program: faulty, maxJobs: 2 });
    expect(await Promise.all(['a', 'b', 'c'].map(async (text) => ask(worn, text)))).toEqual([
      'read: a 1',
      'read: b 2',
      'read: c 1',
    ]);
    let rss = 0;
    const grown = start({ program: faulty, maxGrowthBytes: 10, rssBytes: () => (rss += 1) });
    rss = 0;
    const answers: string[] = [];
    for (let at = 0; at < 65; at += 1) {
      if (at === 60) rss = 100;
      answers.push(await ask(grown, `x${at}`));
    }
    expect(answers.slice(-2)).toEqual(['read: x63 64', 'read: x64 1']);
  });

  test('is opaque for what cannot wait any more, and for what is too long', async () => {
    const few = start({ program: faulty, maxWaiting: 1 });
    expect(await Promise.all(['a', 'b', 'c'].map(async (text) => ask(few, text)))).toEqual([
      'read: a 1',
      'read: b 2',
      'opaque: too much waits to be judged',
    ]);
    expect(await ask(few, 'x'.repeat(70_000))).toBe('opaque: the text is too long to be judged');
  });

  test('is opaque for what waits when it is closed, and without its program', async () => {
    const thread = start({ program: faulty });
    const asked = ['HANG', 'a'].map(async (text) => ask(thread, text));
    await thread.close();
    expect(await Promise.all(asked)).toEqual(Array(2).fill('opaque: too much waits to be judged'));
    expect(await ask(start({ program: new URL('no-such-worker.ts', import.meta.url) }), 'a')).toBe(
      'opaque: the guard died',
    );
  });

  test('judges a text once, unless what it said was not about the text', async () => {
    const thread = start({ program: faulty });
    expect(await ask(thread, 'a')).toBe('read: a 1');
    expect(await ask(thread, 'b')).toBe('read: b 2');
    expect(await ask(thread, 'a')).toBe('read: a 1');
    expect((await thread.judge({ kind: 'sql', text: 'a' })).reasons).toEqual(['a 3']);
    expect((await thread.judge({ kind: 'sql', text: 'a', dialect: 'mysql' })).reasons).toEqual(['a 4']);
    expect(await ask(thread, 'THROW')).toBe('opaque: the guard failed');
    expect(await ask(thread, 'THROW')).toBe('opaque: the guard failed');
    expect(await ask(thread, 'c')).toBe('read: c 7');
  });
});
