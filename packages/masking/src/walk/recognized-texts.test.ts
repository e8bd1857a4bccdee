import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMasker } from '../masker.ts';
import { messageTrees } from '../message-trees.test-support.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';

const masker = createMasker({}, nodeCrypto);
const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';

describe('texts for a recognizer', () => {
  test('are all strings, decoded, those of JSON in strings too, but not what its name masks', () => {
    const inner = JSON.stringify({ note: 'an inner text', list: ['one', 'one'] });
    const message = JSON.stringify({
      id: 1,
      result: { a: 'Zo\u00eb \ud83d\ude00', inner, password: 'not this', n: 12 },
    });
    expect(masker.textsOf(message)).toEqual(['Zoë 😀', 'an inner text', 'one']);
    expect(masker.textsOf('plain words')).toEqual(['plain words']);
  });

  test('are masked where the recognizer found something, beside what the rules find', () => {
    const text = `Ann Lee has ${secret}`;
    const message = JSON.stringify({ id: 1, result: { text, inner: JSON.stringify({ by: 'Ann Lee' }) } });
    const recognized = new Map(
      masker.textsOf(message).map((one) => [one, [{ rule: 'recognized-person', start: 0, end: 7 }]]),
    );
    expect(masker.maskJson(message, { recognized })).toMatchObject({
      record: {
        text: String.raw`{"id":1,"result":{"text":"[REDACTED:recognized-person] has [REDACTED:github-token]","inner":"{\"by\":\"[REDACTED:recognized-person]\"}"}}`,
      },
    });
    expect(
      masker.maskText('Ann Lee', { recognized: new Map([['Ann Lee', recognized.get(text) ?? []]]) }),
    ).toMatchObject({
      client: { text: '[REDACTED:recognized-person]' },
    });
  });

  test('change nothing where the recognizer found nothing', () => {
    fc.assert(
      fc.property(messageTrees, (tree) => {
        const message = JSON.stringify(tree);
        expect(masker.maskJson(message, { recognized: new Map() })).toEqual(masker.maskJson(message));
      }),
    );
  });
});
