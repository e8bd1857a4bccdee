import { describe, expect, test } from '@jest/globals';
import { buildCleanMessage } from './clean-messages.test-support.ts';
import { createMasker } from './masker.ts';
import { nodeCrypto } from './node-crypto.test-support.ts';

/** `TACHO_LONG=1`: a million, some minutes. */
const isLong = process.env['TACHO_LONG'] === '1';
const messages = isLong ? 1_000_000 : 20_000;

describe('messages that hold nothing to mask', () => {
  test(`leave as they came: all of ${messages}`, () => {
    const masker = createMasker({}, nodeCrypto);
    const touched: string[] = [];
    for (let seed = 0; seed < messages && touched.length < 20; seed += 1) {
      const text = buildCleanMessage(seed);
      const result = masker.maskJson(text);
      if (result.kind === 'refused') touched.push(`${seed}: ${result.reason}`);
      if (result.kind === 'masked') touched.push(`${seed}: ${JSON.stringify(result.record.spans)}`);
    }
    expect(touched).toEqual([]);
  }, 600_000);

  test('are JSON', () => {
    for (let seed = 0; seed < 2000; seed += 1) expect(() => void JSON.parse(buildCleanMessage(seed))).not.toThrow();
  });
});
