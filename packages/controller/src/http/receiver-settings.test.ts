import { expect, test } from '@jest/globals';
import { createSettingsReader } from '@tachograph/service';
import { readHttpUrl, readSignedReceiver } from './receiver-settings.ts';

const names = { url: 'HOOK_URL', secretFile: 'HOOK_SECRET_FILE' };

test('a receiver is a URL and a secret, or nothing', () => {
  const both = { HOOK_URL: 'https://siem.example/in', HOOK_SECRET_FILE: '/s' };
  expect(readSignedReceiver(createSettingsReader(both), names)).toEqual({
    url: 'https://siem.example/in',
    secretFile: '/s',
  });
  expect(readSignedReceiver(createSettingsReader({ HOOK_SECRET_FILE: '/s' }), names)).toBeUndefined();
  expect(() => readSignedReceiver(createSettingsReader({ HOOK_URL: 'https://siem.example' }), names)).toThrow(
    'HOOK_SECRET_FILE',
  );
});

test.each(['https://user:hunter2@siem.example/', 'http://hunter2@siem.example'])(
  'refuses %s, and does not say the password again',
  (url) => {
    const read = () => readHttpUrl(createSettingsReader({ HOOK_URL: url }), 'HOOK_URL');
    expect(read).toThrow('HOOK_URL');
    expect(read).not.toThrow('hunter2');
  },
);

test.each(['ftp://siem.example', 'siem.example', '/in'])('refuses %s', (url) => {
  expect(() => readHttpUrl(createSettingsReader({ HOOK_URL: url }), 'HOOK_URL')).toThrow('HOOK_URL');
});
