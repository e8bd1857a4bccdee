import { describe, expect, test } from '@jest/globals';
import { createMasker } from '../index.ts';
import { nodeCrypto } from '../node-crypto.test-support.ts';

const masker = createMasker({}, nodeCrypto);
const marked = 'a1B2c3D4x9Kq7ZtV5mWs8Ry6LpHn0GjFe4Ud'.repeat(5);

function mask(text: string): string {
  const result = masker.maskText(text);
  return result.kind === 'masked' ? result.record.text : text;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const jwt = `${base64('{"alg":"HS256"}')}.${base64('{"sub":"alice"}').replaceAll('=', '')}.c2lnbmF0dXJl`;
const pem = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${'MIIEpAIBAAKCAQEA0123'.repeat(4)}\n-----END RSA PRIVATE KEY-----`;

describe('marked tokens', () => {
  test.each([
    ['aws-access-key-id', 'AKIAQ3EGV7XKLMN2PRSW'],
    ['github-token', `ghp_${marked.slice(0, 36)}`],
    ['slack-token', `xoxb-1234567890123-${marked.slice(0, 24)}`],
    ['stripe-key', `sk_live_${marked.slice(0, 24)}`],
    ['google-api-key', `AIza${marked.slice(0, 35)}`],
    ['gitlab-token', `glpat-${marked.slice(0, 20)}`],
    ['npm-token', `npm_${marked.slice(0, 36)}`],
    ['jwt', jwt],
    ['private-key', pem],
  ])('masks %s wherever it stands in text', (rule, token) => {
    expect(mask(`before ${token}, after`)).toBe(`before [REDACTED:${rule}], after`);
  });

  test.each([
    'AKIAQ3EGV7XKLMN2PRSW5678',
    'xAKIAQ3EGV7XKLMN2PRSW',
    'npm_config_registry',
    'eyJub3Q.a.jwt',
    'akiaiosfodnn7example',
  ])('leaves %s', (text) => {
    expect(masker.maskText(text)).toEqual({ kind: 'clean' });
  });

  test('leaves public keys and certificates', () => {
    const body = 'MIIEpAIBAAKCAQEA0123'.repeat(4);
    expect(masker.maskText(`-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`)).toEqual({
      kind: 'clean',
    });
  });

  test('masks a private key cut short to where it ends', () => {
    expect(mask(pem.slice(0, 100))).toBe('[REDACTED:private-key]');
  });
});

describe('credentials in text', () => {
  test.each([
    ['DB_PASSWORD=correcthorse', 'DB_PASSWORD=[REDACTED:password]'],
    ['export API_KEY=abc123 && run', 'export API_KEY=[REDACTED:api-key] && run'],
    ['password: hunter2, user: bob', 'password: [REDACTED:password], user: bob'],
    [`const apiKey = 'k7-19xq-Zd0';`, `const apiKey = '[REDACTED:api-key]';`],
    ['log {"token": "x7gk2p", "n": 1} end', 'log {"token": "[REDACTED:token]", "n": 1} end'],
    [String.raw`log {\"token\": \"x7gk2p\", \"n\": 1}`, String.raw`log {\"token\": \"[REDACTED:token]\", \"n\": 1}`],
    ['log {"otp_token": 123456, "n": 1} end', 'log {"otp_token": 0, "n": 1} end'],
    ['<password>hunter2</password>', '<password>[REDACTED:password]</password>'],
    ['mysql --password hunter2 -u x', 'mysql --password [REDACTED:password] -u x'],
    ['GET /?access_token=abc123&x=1', 'GET /?access_token=[REDACTED:token]&x=1'],
    ['Authorization: Bearer abc.def-123456', 'Authorization: [REDACTED:authorization]'],
    ['Cookie: a=b; c=d\nHost: x', 'Cookie: [REDACTED:cookie]\nHost: x'],
    [
      'Authorization: Bearer abc.def-123456 -----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7\n',
      'Authorization: [REDACTED:authorization] [REDACTED:private-key]',
    ],
    ['send Bearer abcdef123456 now', 'send Bearer [REDACTED:bearer-token] now'],
    [`Basic ${base64('bob:hunter2')}`, 'Basic [REDACTED:basic-credentials]'],
    ['postgres://bob:hunter2@db:5432/x', 'postgres://bob:[REDACTED:url-password]@db:5432/x'],
  ])('%s', (text, expected) => {
    expect(mask(text)).toBe(expected);
  });

  test.each([
    'password: string',
    'the token is required',
    'password = getPassword()',
    'token: process.env.TOKEN',
    'DB_PASSWORD=${DB_PASSWORD}',
    'password: <your password>',
    'password=********',
    'if (password == other) {',
    'https://example.com:8080/a@b',
    'Basic authentication is off',
    'Bearer authentication',
    'https://user:${PASSWORD}@host/',
    '"token_type": "bearer"',
  ])('leaves: %s', (text) => {
    expect(masker.maskText(text)).toEqual({ kind: 'clean' });
  });
});
