/** What masking hid, from the sidecar's hands into the approver's: the two ends are two programs. */
import { expect, test } from '@jest/globals';
import type { RevealBinding, RevealedCall } from '@tachograph/protocol';
import fc from 'fast-check';
import { createRevealKey } from '../packages/cli/src/approvals/open-reveal.ts';
import { sealReveal } from '../packages/sidecar/src/approvals/seal-reveal.ts';

const binding: RevealBinding = {
  workload: 'tachograph://c/n/w',
  approval: 'a',
  reveal: 'r',
  digest: 'd'.repeat(64),
  subject: 'bob',
};
const call: RevealedCall = { tool: 'query', arguments: '{"sql":"hidden"}' };

function sealed(publicKey: string, of: RevealedCall = call): string {
  const box = sealReveal(publicKey, binding, of);
  if (box === undefined) throw new Error('not sealed');
  return box;
}

test('whatever is sealed for a key opens with it, and is not in the box', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (tool, text) => {
      const key = createRevealKey();
      expect(key.open(sealed(key.publicKey, { tool, arguments: text }), binding)).toEqual({ tool, arguments: text });
    }),
    { numRuns: 50 },
  );
  const key = createRevealKey();
  const [one, other] = [sealed(key.publicKey), sealed(key.publicKey)];
  expect(Buffer.from(one, 'base64url').includes('hidden')).toBe(false);
  expect(one).not.toBe(other);
});

test('nothing opens with another key, or for anything else than it was sealed for', () => {
  const key = createRevealKey();
  const box = sealed(key.publicKey);
  expect(createRevealKey().open(box, binding)).toBeUndefined();
  for (const field of ['workload', 'approval', 'reveal', 'digest', 'subject'] as const)
    expect(key.open(box, { ...binding, [field]: 'other' })).toBeUndefined();
});

test('a changed box does not open', () => {
  const key = createRevealKey();
  const bytes = Buffer.from(sealed(key.publicKey), 'base64url');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      expect(key.open(changed.toString('base64url'), binding)).toBeUndefined();
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => expect(key.open(text, binding)).toBeUndefined()));
});

test('nothing is sealed for what is no key, nor more than may be shown', () => {
  for (const key of ['', 'A'.repeat(43), 'x', `${'A'.repeat(42)}!`])
    expect(sealReveal(key, binding, call)).toBeUndefined();
  const { publicKey } = createRevealKey();
  expect(sealReveal(publicKey, binding, { ...call, arguments: 'x'.repeat(600_000) })).toBeUndefined();
});
