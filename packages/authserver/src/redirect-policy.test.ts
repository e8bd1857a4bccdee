import { expect, test } from '@jest/globals';
import { assert, constantFrom, property, string, webUrl } from 'fast-check';
import { isAllowedRedirect } from './redirect-policy.ts';

const list = ['cursor:', 'https://claude.ai', 'https://vscode.dev/redirect', 'javascript:', 'http:'];

test.each([
  'http://localhost/',
  'http://localhost:3118/callback',
  'http://127.0.0.1:6276/oauth/callback',
  'http://[::1]:1/x?y=z',
  'cursor://anysphere.cursor-mcp/oauth/callback',
  'https://claude.ai/api/mcp/auth_callback',
  'https://vscode.dev/redirect',
])('allows %s', (redirect) => {
  expect(isAllowedRedirect(redirect, list)).toBe(true);
});

test.each([
  'https://vscode.dev/redirect?x',
  'https://vscode.dev/',
  'https://claude.ai:8443/',
  'https://claude.ai.evil.example/',
  'https://user@claude.ai/',
  'http://claude.ai/',
  'http://evil.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  'cursor://x\ny',
  'cursor:x#y',
  'http://localhost\\.evil.example/',
  'http://localhost:80@evil.example/',
  '/callback',
  '',
  `http://localhost/${'x'.repeat(3000)}`,
])('refuses %s', (redirect) => {
  expect(isAllowedRedirect(redirect, list)).toBe(false);
});

test('what is allowed without a list leads to this machine, however it is written', () => {
  const parts = constantFrom(
    'localhost',
    '127.0.0.1',
    '[::1]',
    '@',
    ':',
    '/',
    '\\',
    '#',
    '?',
    '.',
    'evil.example',
    ' ',
  );
  assert(
    property(string({ unit: parts, maxLength: 12 }), (rest) => {
      const text = `http://${rest}`;
      if (!isAllowedRedirect(text, [])) return;
      expect(['localhost', '127.0.0.1', '[::1]']).toContain(new URL(text).hostname);
      expect(text).not.toMatch(/[\\#\s]/);
    }),
  );
  assert(property(webUrl(), (url) => expect(isAllowedRedirect(url, [])).toBe(false)));
  assert(property(string(), (text) => expect(typeof isAllowedRedirect(text, list)).toBe('boolean')));
});
