import { afterAll, describe, expect, test } from '@jest/globals';
import { createMasker } from '@tachograph/masking';
import { silentLogger } from '@tachograph/service';
import { createMaskThread } from './mask-thread.ts';
import { nodeMaskCrypto } from './node-crypto.ts';
import { createSidecarMasker } from './sidecar-masker.ts';

const thread = createMaskThread({ log: silentLogger, timeoutMs: 30_000 });
const padding = 'x'.repeat(70_000);
const card = '4539578763621486';

afterAll(async () => thread.close());

/** What stands in place of the card. */
async function replacementIn(text: string): Promise<string> {
  const rules = { spec: { transforms: { default: 'fpe' as const } }, tokenKey: new Uint8Array(32).fill(7) };
  const masker = createMasker(rules.spec, nodeMaskCrypto, { tokenKey: rules.tokenKey });
  const outcome = await createSidecarMasker({ masker, rules, thread }).maskText(text, { session: 's' });
  return outcome.kind === 'masked' ? (/card (\S+)/.exec(outcome.record.text)?.[1] ?? '') : outcome.kind;
}

describe("a policy's transform", () => {
  test('gives the same for a short message and a long one, from the first message on', async () => {
    const [short, long, again] = await Promise.all(
      [`card ${card} paid`, `card ${card} paid ${padding}`, `card ${card} paid`].map(replacementIn),
    );
    expect(short).toMatch(/^\d{16}$/);
    expect(short).not.toBe(card);
    expect([long, again]).toEqual([short, short]);
  });
});
