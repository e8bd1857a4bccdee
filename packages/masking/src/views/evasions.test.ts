import { deflateSync, gzipSync, unzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createMasker } from '../index.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';

const masker = createMasker(
  {},
  { ...nodeCrypto, inflate: (bytes, maxOutputLength) => unzipSync(bytes, { maxOutputLength }) },
);
const secret = 'Xk29fk3kdKq';
const json = JSON.stringify({ user: 'caf\u00e9', password: secret });
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const toFullWidth = (text: string): string =>
  text.replaceAll(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0));
const toPercent = (text: string): string => text.replaceAll(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`);
const toEscapes = (text: string): string =>
  text.replaceAll(/./g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The text that the client gets of a tool's answer. */
function answered(text: string): string {
  const result = masker.maskJson(
    JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } }),
  );
  if (result.kind !== 'masked' || result.client === undefined) throw new Error(`expected masked, got ${result.kind}`);
  const message: unknown = JSON.parse(result.client.text);
  return (message as { result: { content: [{ text: string }] } }).result.content[0].text;
}

describe('a secret is found in spite of', () => {
  test('case', () => {
    expect(answered(`PaSsWoRd=${secret}`)).toBe('PaSsWoRd=[REDACTED:password]');
  });

  test('no-break spaces', () => {
    expect(answered(`password\u00a0=\u00a0${secret}`)).toBe('password\u00a0=\u00a0[REDACTED:password]');
  });

  test('zero-width characters in the name and in the value', () => {
    const value = `${secret.slice(0, 4)}\u200b${secret.slice(4)}`;
    expect(answered(`pass\u200dword: ${value}`)).toBe('pass\u200dword: [REDACTED:password]');
  });

  test('zero-width characters in a known token', () => {
    const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    expect(answered(`use ${token.slice(0, 20)}\u2060${token.slice(20)} here`)).toMatch(
      /^use \[REDACTED:[a-z-]+\] here$/,
    );
  });

  test('bidirectional controls, soft hyphens and variation selectors', () => {
    expect(answered(`pa\u202ess\u00adwo\ufe0frd: ${secret}`)).not.toContain(secret);
  });

  test('full-width letters', () => {
    expect(answered(toFullWidth(`password:${secret}`))).toBe(`${toFullWidth('password:')}[REDACTED:password]`);
  });

  test('Cyrillic and Greek letters that look alike', () => {
    expect(answered(`p\u0430ssw\u03bfrd: ${secret}`)).toBe('p\u0430ssw\u03bfrd: [REDACTED:password]');
  });

  test('HTML entities', () => {
    expect(answered(`&quot;pass&#119;ord&#x22;:&quot;${secret}&quot;`)).toBe(
      '&quot;pass&#119;ord&#x22;:&quot;[REDACTED:password]&quot;',
    );
  });

  test('URL encoding, twice', () => {
    const once = encodeURIComponent(json);
    expect(decodeURIComponent(answered(`q=${once}`))).toBe(`q=${json.replace(secret, '[REDACTED:password]')}`);
    expect(answered(`q=${encodeURIComponent(once)}`)).not.toContain(secret);
    expect(answered(toPercent(`password=${secret}`))).toBe(`${toPercent('password=')}[REDACTED:password]`);
  });

  test('\\u and \\x escapes', () => {
    expect(answered(toEscapes(`password=${secret}`))).toBe(`${toEscapes('password=')}[REDACTED:password]`);
    expect(answered(`pass\\x77ord=${secret}`)).toBe('pass\\x77ord=[REDACTED:password]');
  });

  test('hex', () => {
    const masked = answered(`body ${Buffer.from(json).toString('hex')} end`);
    const [, hex = ''] = masked.split(' ');
    expect(Buffer.from(hex, 'hex').toString()).toBe(json.replace(secret, '[REDACTED:password]'));
  });

  test('base64 of JSON, in each alphabet, once and twice', () => {
    const expected = json.replace(secret, '[REDACTED:password]');
    expect(Buffer.from(answered(base64(json)), 'base64').toString()).toBe(expected);
    const url = answered(`cfg?${Buffer.from(`${json}>>>???`).toString('base64url')}`);
    expect(Buffer.from(url.slice(4), 'base64url').toString()).toBe(`${expected}>>>???`);
    const inner = Buffer.from(answered(base64(base64(json))), 'base64').toString();
    expect(Buffer.from(inner, 'base64').toString()).toBe(expected);
    expect(answered(`data:application/json;base64,${base64(json)}`)).not.toContain(base64(json).slice(-16));
  });

  test.each(['\n', '\r\n', '\n    '])('base64 in lines that are joined by %j', (gap) => {
    const long = JSON.stringify({
      note: 'n'.repeat(60),
      list: ['w'.repeat(70)],
      password: secret,
      more: 'm'.repeat(60),
    });
    const lines = base64(long).match(/.{1,76}/g) ?? [];
    expect(answered(`data: |${gap}${lines.join(gap)}\nend`)).toBe(`data: |${gap}[REDACTED:password]\nend`);
    const packed =
      gzipSync(long, { level: 0 })
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    expect(answered(`z:${gap}${packed.join(gap)}\nend`)).toBe(`z:${gap}[REDACTED:password]\nend`);
  });

  test('gzip and zlib in base64: the whole goes', () => {
    expect(answered(`z=${gzipSync(json).toString('base64')} end`)).toBe('z=[REDACTED:password] end');
    expect(answered(`z: ${deflateSync(json).toString('base64')} end`)).toBe('z: [REDACTED:password] end');
  });
});

describe('what is not to be found stays, byte for byte', () => {
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 2_654_435_761) >>> 13));

  test.each([
    ['an image', `data:image/png;base64,${bytes.toString('base64')}`],
    ['an image in lines', (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\n')],
    ['words in base64 in lines', (base64('words and more words, '.repeat(30)).match(/.{1,76}/g) ?? []).join('\n')],
    ['hashes', `${bytes.subarray(0, 32).toString('hex')} sha512-${bytes.subarray(0, 64).toString('base64')}`],
    ['words in base64', base64('the quick brown fox jumps over the lazy dog, '.repeat(20))],
    ['words in hex', Buffer.from('the quick brown fox jumps over the lazy dog').toString('hex')],
    ['something compressed', gzipSync('words and more words '.repeat(50)).toString('base64')],
    ['an encoded query', 'https://example.com/find?q=caf%C3%A9%20au%20lait&n=1+2'],
    ['entities', '<p>Fish &amp; chips &#8211; 5 &lt; 6</p>'],
    ['a Russian text', 'Обычный текст без секретов, и word тоже. '.repeat(20)],
    ['full-width punctuation', '密码学是研究编制密码和破译密码的技术科学：第一章，绪论'],
    ['minified code', 'function(a,b){return a["\\x61\\u0062"]+b.c?{d:"e"}:[{"f":1}]}'.repeat(20)],
    ['a path', '/usr/share/doc/packages/some-library/examples/index.html'],
  ])('%s', (_, text) => {
    expect(masker.maskJson(JSON.stringify({ result: { content: [{ type: 'text', text }] } }))).toEqual({
      kind: 'clean',
    });
  });
});
