import { afterEach, describe, expect, test } from '@jest/globals';
import type { GuardReply } from '../guards/guard-messages.ts';
import { KillableThread, type KillableThreadOptions } from './killable-thread.ts';

const faulty = new URL('../guards/faulty-worker.test-support.ts', import.meta.url);
type Texts = KillableThread<string, GuardReply, string>;
const open: Texts[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (thread) => thread.close()));
});

function start(options: Partial<KillableThreadOptions<string, GuardReply, string>> = {}): Texts {
  const thread: Texts = new KillableThread<string, GuardReply, string>({
    program: faulty,
    memory: { maxOldGenerationMb: 64, maxYoungGenerationMb: 16 },
    maxWaiting: 8,
    maxWaitingLength: 100,
    lengthOf: (text) => text.length,
    limitMs: () => 30_000,
    post: (text, id, port) => port.postMessage({ id, job: { kind: 'shell', text } }, []),
    toAnswer: (_, reply) => (reply.kind === 'done' ? String(reply.judgement.reasons) : reply.kind),
    toRefusal: (reason) => reason,
    onEnd: () => undefined,
    ...options,
  });
  open.push(thread);
  return thread;
}

async function askAll(thread: Texts, ...texts: readonly string[]): Promise<readonly string[]> {
  return Promise.all(texts.map(async (text) => thread.run(text)));
}

describe('a thread that can be killed', () => {
  test('passes over what nobody waits for when its turn comes', async () => {
    let isWanted = true;
    const thread = start({ isWanted: (text) => text !== 'left' || isWanted });
    const asked = askAll(thread, 'a', 'left', 'b');
    isWanted = false;
    expect(await asked).toEqual(['a 1', 'unwanted', 'b 2']);
  });

  test('gives a job the time of its start until the thread has started it, and then its own', async () => {
    const ends: string[] = [];
    const onEnd = (reason: string): void => void ends.push(reason);
    const slow = start({ startedLimitMs: 200, onEnd });
    expect(await askAll(slow, 'HANG', 'next')).toEqual(['timeout', 'next 1']);
    const silent = start({ limitMs: (text) => (text === 'NEVER' ? 200 : 30_000), startedLimitMs: 30_000, onEnd });
    expect(await askAll(silent, 'NEVER', 'next')).toEqual(['timeout', 'next 1']);
    expect(ends).toEqual(['timeout', 'timeout']);
  });

  test('gives up no job for want of a processor, but does not wait for one for ever', async () => {
    // The process stands still while the clock runs.
    const starved = start({ startedLimitMs: 20, cpuMs: () => 0 });
    const startedAt = performance.now();
    expect(await askAll(starved, 'HANG', 'next')).toEqual(['timeout', 'next 1']);
    expect(performance.now() - startedAt).toBeGreaterThan(390);
    let cpu = 0;
    const busy = start({ startedLimitMs: 300, cpuMs: () => (cpu += 10_000) });
    expect(await askAll(busy, 'HANG', 'next')).toEqual(['timeout', 'next 1']);
  });

  test('refuses a job that cannot be posted, and does the next', async () => {
    const thread = start({
      post: (text, id, port) =>
        port.postMessage({ id, job: { text }, ...(text === 'function' ? { text: () => text } : {}) }, []),
    });
    expect(await askAll(thread, 'function', 'next')).toEqual(['crash', 'next 1']);
  });

  test('counts what waits until its turn, not what has been done', async () => {
    const thread = start({ maxWaitingLength: 4 });
    expect(await askAll(thread, 'aaaa', 'bbbb', 'c')).toEqual(['aaaa 1', 'bbbb 2', 'busy']);
    expect(await askAll(thread, 'dddd', 'eeee')).toEqual(['dddd 3', 'eeee 4']);
  });

  test('refuses whatever comes after it was closed', async () => {
    const thread = start();
    expect(await thread.run('a')).toBe('a 1');
    await thread.close();
    expect(await thread.run('b')).toBe('busy');
  });
});
