import { describe, expect, test } from '@jest/globals';
import { createMasker } from '../index.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';

const masker = createMasker({}, nodeCrypto);
const token = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
const keyLines = Array.from({ length: 24 }, (_, index) =>
  Buffer.from(nodeCrypto.sha256(String(index))).toString('base64'),
).join('\n');
const privateKey = `-----BEGIN RSA PRIVATE KEY-----\n${keyLines}\n-----END RSA PRIVATE KEY-----`;

/** The texts of a stream of notifications as the client gets them. */
function streamed(parts: readonly string[]): readonly string[] {
  let before = '';
  return parts.map((data) => {
    const message = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { data } });
    const result = masker.maskJson(message, { before });
    if (result.kind === 'refused') throw new Error(result.reason);
    before = result.tail ?? '';
    expect(before.length).toBeLessThanOrEqual(512);
    const shown: unknown = JSON.parse(result.kind === 'masked' ? (result.client?.text ?? message) : message);
    return (shown as { params: { data: string } }).params.data;
  });
}

function pieces(text: string, length: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, at) => text.slice(at * length, (at + 1) * length));
}

describe('a secret split over the texts of a stream', () => {
  test.each([4, 5, 12, 20, 39])('goes on both sides when it is split behind %i characters', (at) => {
    expect(streamed([`use ${token.slice(0, at)}`, `${token.slice(at)} now`])).toEqual([
      'use [REDACTED:split-secret]',
      '[REDACTED:split-secret] now',
    ]);
  });

  test('goes in every one of many parts', () => {
    expect(streamed([`x ${token.slice(0, 8)}`, token.slice(8, 20), token.slice(20), ' done'])).toEqual([
      'x [REDACTED:split-secret]',
      '[REDACTED:split-secret]',
      '[REDACTED:split-secret]',
      ' done',
    ]);
  });

  test('goes when its name came before', () => {
    expect(streamed(['DB_PASSWORD=', 'Xk29fk3kdK\n'])).toEqual(['DB_PASSWORD=', '[REDACTED:password]\n']);
  });

  test.each([64, 300, 700])('a private key goes whole in parts of %i', (length) => {
    const shown = streamed(pieces(`key:\n${privateKey}\nafter`, length)).join('');
    for (const line of keyLines.split('\n')) expect(shown).not.toContain(line);
    expect(shown).toContain('after');
  });

  test.each(['We ship to ASIA', 'Lorem ipsum dapibus', 'set npm_config_registry', 'an office in SG.', 'see eyJson'])(
    'leaves a text that ends in a word: %s',
    (text) => {
      expect(streamed([text, ' and so on'])).toEqual([text, ' and so on']);
    },
  );

  test('leaves texts that only follow each other', () => {
    const parts = ['The first part of an answer, ', 'then the second.\n', 'And "more" of it.'];
    expect(streamed(parts)).toEqual(parts);
  });
});

function toMessage(texts: readonly string[]): string {
  return JSON.stringify({ result: { content: texts.map((text) => ({ type: 'text', text })) } });
}

describe('a secret split over the content items of a message', () => {
  test('goes in both', () => {
    const result = masker.maskJson(toMessage([`use ${token.slice(0, 12)}`, token.slice(12)]));
    expect(result).toMatchObject({
      client: { text: toMessage(['use [REDACTED:split-secret]', '[REDACTED:split-secret]']) },
    });
  });

  test('is not made of a label and the item behind it', () => {
    expect(masker.maskJson(toMessage(['Enter password:', 'Welcome1234 home']))).toEqual({ kind: 'clean' });
  });

  test('is not looked for in rows of data', () => {
    const rows = [token.slice(0, 12), token.slice(12)].map((text) => ({ text }));
    expect(masker.maskJson(JSON.stringify({ result: { structuredContent: { rows } } }))).toEqual({ kind: 'clean' });
  });

  test('says where it stands', () => {
    const result = masker.maskJson(toMessage([`use ${token.slice(0, 12)}`, token.slice(12)]));
    expect(result).toMatchObject({
      record: { spans: [{ path: '/result/content/0/text' }, { path: '/result/content/1/text', rule: 'split-secret' }] },
    });
  });
});
