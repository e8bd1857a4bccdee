import { afterEach, describe, expect, test } from '@jest/globals';
import { createMasker } from '@tachograph/masking';
import { silentLogger } from '@tachograph/service';
import { createMaskThread, type MaskThread, type MaskThreadOptions } from './mask-thread.ts';
import { nodeMaskCrypto } from './node-crypto.ts';

const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
const faulty = new URL('faulty-worker.test-support.ts', import.meta.url);
const rules = { spec: {} };
const open: MaskThread[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (thread) => thread.close()));
});

function start(options: Partial<MaskThreadOptions> = {}): MaskThread {
  const thread = createMaskThread({ log: silentLogger, timeoutMs: 20_000, ...options });
  open.push(thread);
  return thread;
}

async function ask(thread: MaskThread, text: string): Promise<string> {
  const outcome = await thread.mask(rules, 'rules of the test', { form: 'text', text });
  if (outcome.kind === 'refused') return outcome.reason;
  return `${outcome.kind} ${'tail' in outcome ? outcome.tail : ''}`;
}

describe('the masking thread', () => {
  test('masks as the call thread does, by the rules of each message', async () => {
    const thread = start();
    const text = JSON.stringify({ id: 1, result: { a: secret, pet: 'rex', b: 'x'.repeat(70_000) } });
    for (const spec of [{}, { keys: ['pet'] }, { off: ['github-token'] }]) {
      const masker = createMasker(spec, nodeMaskCrypto);
      const job = { form: 'json' as const, text };
      expect(await thread.mask({ spec }, masker.rulesHash, job)).toEqual(masker.maskJson(text));
    }
  });

  test('holds masked content against the patterns of its output schema', async () => {
    const content = { token: 'AB-123', pad: 'x'.repeat(70_000) };
    const text = JSON.stringify({ id: 1, result: { content: [], structuredContent: content } });
    const outputSchema = {
      type: 'object',
      properties: { token: { type: 'string', pattern: '^[A-Z]{2}-[0-9]{3}$' } },
    };
    const { rulesHash } = createMasker({}, nodeMaskCrypto);
    const outcome = await start().mask(rules, rulesHash, { form: 'json', text, context: { outputSchema } });
    expect(outcome).toMatchObject({ kind: 'masked' });
    expect(outcome).not.toHaveProperty('unsafeForSchema');
  });

  test('answers in the order in which it was asked', async () => {
    const thread = start({ program: faulty });
    const done: string[] = [];
    const texts = ['a', 'THROW', 'b', 'c'];
    await Promise.all(texts.map(async (text) => ask(thread, text).then((said) => done.push(said))));
    expect(done).toEqual(['clean a', 'mask_error', 'clean b', 'clean c']);
  });

  test.each([
    ['hangs', 'HANG', 'mask_timeout'],
    ['ends', 'EXIT', 'mask_crash'],
    ['throws outside of the masker', 'CRASH', 'mask_crash'],
    ['runs out of memory', 'MEMORY', 'mask_crash'],
  ])('refuses the message on which it %s, and gives the next one to a new thread', async (_, text, reason) => {
    const thread = start({ program: faulty, timeoutMs: text === 'HANG' ? 1_500 : 30_000 });
    expect(await Promise.all([ask(thread, text), ask(thread, 'next')])).toEqual([reason, 'clean next']);
  });

  test('refuses what other rules masked', async () => {
    expect(await ask(start({ program: faulty }), 'LIE')).toBe('mask_error');
  });

  test('refuses what cannot wait any more, by number and by length', async () => {
    const few = start({ program: faulty, maxWaiting: 1 });
    expect(await Promise.all(['a', 'b', 'c'].map(async (text) => ask(few, text)))).toEqual([
      'clean a',
      'clean b',
      'mask_busy',
    ]);
    const short = start({ program: faulty, maxWaitingLength: 10 });
    expect(await Promise.all(['a', 'b'.repeat(9), 'cc'].map(async (text) => ask(short, text)))).toEqual([
      'clean a',
      'clean bbbbbbbbb',
      'mask_busy',
    ]);
  });

  test('refuses what waits when it is closed', async () => {
    const thread = start({ program: faulty });
    const asked = ['HANG', 'a'].map(async (text) => ask(thread, text));
    await thread.close();
    expect(await Promise.all(asked)).toEqual(['mask_busy', 'mask_busy']);
    expect(await ask(thread, 'later')).toBe('mask_busy');
  });

  test('refuses when its program is not there', async () => {
    const thread = start({ program: new URL('no-such-worker.ts', import.meta.url) });
    expect(await ask(thread, 'a')).toBe('mask_crash');
  });
});
