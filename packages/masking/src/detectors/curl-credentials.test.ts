import { describe, expect, test } from '@jest/globals';
import { createTextScanner } from '../scan/text-scanner.ts';
import { curlCredentialsDetector } from './curl-credentials.ts';

const scanner = createTextScanner([curlCredentialsDetector]);
const find = (text: string): readonly string[] =>
  scanner.find(text, 0, text.length).map(({ start, end }) => text.slice(start, end));

describe('options of curl', () => {
  test.each([
    ['curl -u user:Kw8xq2Lp https://a.example/', 'Kw8xq2Lp'],
    ['curl -u"admin:Kw8xq2Lp" https://a.example/', 'Kw8xq2Lp'],
    [`curl --user 'me:Zx81kkq' -X POST https://a.example/`, 'Zx81kkq'],
    ['curl --user=me:Zx81kkq', 'Zx81kkq'],
    ['curl -u :Kw8xq2Lp9 https://a.example/', 'Kw8xq2Lp9'],
    ['curl -u "q8f7d6c5b4a3:" https://a.example/', 'q8f7d6c5b4a3'],
    ['curl -H "Authorization: Token q8f7d6c5b4a3" x', 'q8f7d6c5b4a3'],
    [`curl \\\n  --header 'X-Api-Key: q8f7d6c5b4a3' x`, 'q8f7d6c5b4a3'],
  ])('give up the secret in %s', (text, secret) => {
    expect(find(text)).toEqual([secret]);
  });

  test.each([
    'curl -u user:$PASSWORD https://a.example/',
    'curl -u user:password https://a.example/',
    'curl -u <user>:<password> https://a.example/',
    'curl -H "Authorization: Bearer $TOKEN" x',
    'curl -H "Accept: application/json" x',
    'curl -h all:options-there-are',
    'sudo -u root:wheel1234 true',
    'curl -u user:[REDACTED:password] x',
  ])('have no secret in %s', (text) => {
    expect(find(text)).toEqual([]);
  });
});
