import { describe, expect, test } from '@jest/globals';
import type { Detector } from './detectors/detector.ts';
import { runEnd, toCharSet } from './detectors/char-set.ts';
import { createMaskerWith, type Masker } from './masker.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';
import { createRuleSet } from './rule-set.ts';

const rules = createRuleSet({});
const letters = toCharSet('a-z', ' ');

function maskerWith(parts: Partial<Detector>): Masker {
  const planted: Detector = { id: 'planted', keywords: [], verify: () => undefined, isPlausible: () => true, ...parts };
  return createMaskerWith({ ...rules, detectors: [planted, ...rules.detectors] }, nodeCrypto);
}

function throwPlanted(): never {
  throw new Error('planted value hunter2');
}

describe('a detector that throws', () => {
  const broken: Readonly<Record<string, Partial<Detector>>> = {
    'verifying at a keyword': { keywords: ['boom'], verify: throwPlanted },
    'verifying a number': { triggers: ['digits'], verify: throwPlanted },
    'verifying a blob': { triggers: ['blob'], verify: throwPlanted },
    searching: { keywords: ['boom'], search: { reach: 9, find: throwPlanted } },
  };
  const text = 'a boom 123456789 abcdefghijklmnopqrstuvwxyz';

  test.each(Object.keys(broken))('%s refuses the message', (name) => {
    const masker = maskerWith(broken[name] ?? {});
    const refused = { kind: 'refused', reason: 'detector_failed' };
    expect(masker.maskJson(JSON.stringify({ text }))).toEqual(refused);
    expect(masker.maskJson(JSON.stringify({ text: `${text}\n` }))).toEqual(refused);
    expect(masker.maskJson(JSON.stringify({ [text]: 1 }))).toEqual(refused);
    expect(masker.maskText(text)).toEqual(refused);
    expect(masker.maskJson('{"text":"calm"}')).toEqual({ kind: 'clean' });
  });

  test('looking at an escaped string refuses the message', () => {
    const masker = maskerWith({ keywords: ['boom'], isPlausible: throwPlanted });
    expect(masker.maskJson(JSON.stringify({ text }))).toEqual({ kind: 'refused', reason: 'detector_failed' });
  });

  test('masks headers and texts that cannot be refused as a whole', () => {
    const masker = maskerWith({ keywords: ['boom'], verify: throwPlanted });
    expect(masker.maskHeaders({ accept: 'calm', 'x-a': 'a boom', 'x-b': ['calm', 'boom'] })).toMatchObject({
      kind: 'masked',
      headers: { accept: 'calm', 'x-a': '[REDACTED:detector-failed]', 'x-b': ['calm', '[REDACTED:detector-failed]'] },
    });
    expect(masker.findText('a boom b')).toEqual([{ rule: 'detector-failed', start: 0, end: 8 }]);
  });
});

describe('a detector that spends its budget', () => {
  const greedy: Partial<Detector> = {
    keywords: ['a'],
    verify: ({ text, to, end }) => void runEnd(letters, text, to, end),
  };

  test('has the whole leaf masked, at both points, and counted; other leaves stay', () => {
    const masker = maskerWith(greedy);
    const result = masker.maskJson(JSON.stringify({ long: 'a b '.repeat(5000), short: 'a b' }));
    expect(result).toMatchObject({
      kind: 'masked',
      record: {
        text: '{"long":"[REDACTED:budget-exceeded]","short":"a b"}',
        hits: 1,
        spans: [{ rule: 'budget-exceeded', path: '/long', count: 1 }],
      },
    });
    expect(result.kind === 'masked' && result.client === result.record).toBe(true);
  });
});
