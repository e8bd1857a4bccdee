import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMasker } from '@tachograph/masking';
import { silentLogger } from '@tachograph/service';
import type { MaskOutcome } from '../masking/mask-outcome.ts';
import { createMaskThread } from '../masking/mask-thread.ts';
import { noMasker as clean } from '../masking/no-masker.ts';
import { nodeMaskCrypto } from '../masking/node-crypto.ts';
import { createSidecarMasker } from '../masking/sidecar-masker.ts';
import { hideValues, holdsValue } from './hide-values.ts';

const value = 'k9/Qx+plain=value';
const spec = {};
const thread = createMaskThread({ log: silentLogger, timeoutMs: 10_000 });
const masker = createSidecarMasker({
  masker: createMasker(spec, nodeMaskCrypto),
  rules: { spec },
  thread,
});
const hiding = hideValues(masker, () => [value]);

afterAll(async () => thread.close());

function textsOf(outcome: MaskOutcome): readonly (string | undefined)[] {
  return outcome.kind === 'masked' ? [outcome.record.text, outcome.client?.text] : [];
}

const codeOf = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, '0');
const escapedWhole = Array.from(value, (it) => `\\u${codeOf(it).toUpperCase()}`).join('');

describe('a value that nobody may read', () => {
  test.each([
    ['plain', JSON.stringify({ a: `is ${value}.` })],
    ['with escaped slashes', JSON.stringify({ a: value }).replaceAll('/', '\\/')],
    ['by code', `{"a":"${escapedWhole}"}`],
    ['in JSON in a string', JSON.stringify({ a: JSON.stringify({ b: value }).replaceAll('/', '\\/') })],
    ['as a name', JSON.stringify({ [value]: 1 })],
  ])('is replaced for record and client, %s', async (_form, json) => {
    const outcome = await hiding.maskJson(json);
    expect(outcome).toMatchObject({ kind: 'masked', record: { hits: 1 }, client: { hits: 1 } });
    for (const text of textsOf(outcome)) {
      expect(() => JSON.parse(text ?? '')).not.toThrow();
      expect(text).toContain('[REDACTED:upstream-credential]');
      expect(text).not.toContain('plain');
    }
  });

  test('is counted beside what the masker finds', async () => {
    const outcome = await hiding.maskJson(
      JSON.stringify({ a: value, b: `ghp_16C7e42F292c6912E7710c838347Ae178B4a and ${value}` }),
    );
    expect(outcome).toMatchObject({ kind: 'masked', record: { hits: 3 }, client: { hits: 3 } });
    expect(outcome).toMatchObject({ record: { spans: [{ rule: 'upstream-credential', count: 2 }, {}] } });
  });

  test('is replaced where masking is off, in texts, and in short ones', async () => {
    const off = hideValues(clean, () => [value]);
    for (const outcome of [await off.maskJson(`"${value}"`), await off.maskText(`x ${value}`), off.maskShort(value)]) {
      for (const text of textsOf(outcome)) expect(text).not.toContain(value);
      expect(outcome.kind).toBe('masked');
    }
  });

  test('is replaced in a long message as well', async () => {
    const outcome = await hiding.maskJson(JSON.stringify({ pad: 'row, '.repeat(60_000), a: value }));
    expect(outcome.kind).toBe('masked');
    for (const text of textsOf(outcome)) expect(text?.includes(value)).toBe(false);
  });

  test('leaves all else to the masker, and its bytes as they were', () => {
    expect(hiding.maskJson(JSON.stringify({ a: 'line\nother \\ text' }))).toMatchObject({ kind: 'clean' });
    expect(hideValues(clean, () => []).maskText(value)).toEqual({ kind: 'clean' });
    expect([holdsValue(`a ${value}`, [value]), holdsValue('a', [value]), holdsValue('a', [])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each([0, 1, 2])('that ends with a backslash leaves JSON before a quote, in %i strings', (depth) => {
    const secret = 'correct horse\\';
    for (const after of ['"', '', '\\"', '\n']) {
      let json = JSON.stringify({ text: secret + after });
      for (let i = 0; i < depth; i += 1) json = JSON.stringify({ text: json });
      const outcome = hideValues(clean, () => [secret]).maskJson(json);
      if (outcome instanceof Promise || outcome.kind !== 'masked') throw new Error('not hidden');
      let inner: unknown = { text: outcome.record.text };
      for (let i = 0; i <= depth; i += 1) inner = JSON.parse((inner as { text: string }).text);
      expect((inner as { text: string }).text.startsWith('[REDACTED:upstream-credential]')).toBe(true);
    }
  });

  test('stands in no text that is given out, wherever it was put', () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((it) => String.fromCharCode(it)),
      minLength: 8,
    });
    fc.assert(
      fc.property(printable, fc.string(), fc.string(), (secret, before, after) => {
        const json = JSON.stringify({ text: before + secret + after });
        const outcome = hideValues(clean, () => [secret]).maskJson(json);
        if (outcome instanceof Promise || outcome.kind !== 'masked') throw new Error('not hidden');
        const parsed: unknown = JSON.parse(outcome.record.text);
        expect(JSON.stringify(parsed)).toContain('[REDACTED:upstream-credential]');
      }),
      { numRuns: 1000 },
    );
  });
});
