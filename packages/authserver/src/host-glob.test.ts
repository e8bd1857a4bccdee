import { expect, test } from '@jest/globals';
import { matchesHost } from './host-glob.ts';

test.each([
  ['claude.ai', ['claude.ai']],
  ['CLAUDE.ai', ['claude.AI']],
  ['a.corp.example', ['x', '*.corp.example']],
  ['docs-1.corp.example', ['docs-*.corp.example']],
  ['a.example:8443', ['a.example:*']],
])('%s matches %j', (host, globs) => {
  expect(matchesHost(host, globs)).toBe(true);
});

test.each([
  ['evil.claude.ai', ['claude.ai', '*']],
  ['claude.ai.evil.example', ['claude.ai', 'claude.*']],
  ['a.b.corp.example', ['*.corp.example']],
  ['corp.example', ['*.corp.example']],
  ['evilcorp.example', ['*corp.example.x', '*.corp.example']],
  ['a.example:8443', ['a.example']],
  ['aa', ['a*a*a']],
  ['a', ['a*a']],
  ['', []],
])('%s does not match %j', (host, globs) => {
  expect(matchesHost(host, globs)).toBe(false);
});
