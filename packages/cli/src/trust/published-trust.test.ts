import { generateKeyPairSync } from 'node:crypto';
import { createNoteKey, formatVkey } from '@tachograph/archive';
import { expect, test } from '@jest/globals';
import { logOrigin } from '@tachograph/protocol';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { publishedLogKeys } from './published-trust.ts';

function vkeyOf(cluster: string): string {
  const spki = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' });
  return formatVkey(createNoteKey(nodeCrypto, logOrigin(cluster), spki));
}

function published(data: Readonly<Record<string, string>>) {
  return { namespace: 'tachograph', name: 'tachograph-trust', resourceVersion: '1', data };
}

test('reads every key of the log, whoever expects its cluster', () => {
  const keys = [vkeyOf('prod-1'), vkeyOf('prod-1')];
  const secret = published({ cluster: 'prod-1', logKeys: `${keys.join('\n')}\n`, fingerprint: 'sha256:…' });
  expect(publishedLogKeys(secret, undefined)).toEqual(keys);
  expect(publishedLogKeys(secret, 'prod-1')).toEqual(keys);
});

test.each([
  ['no Secret', undefined, undefined, 'not_found'],
  ['a controller only', published({ cluster: 'prod-1' }), undefined, 'not_found'],
  ['another cluster than expected', published({ cluster: 'a', logKeys: vkeyOf('a') }), 'b', 'refused'],
  ['another cluster’s key', published({ cluster: 'a', logKeys: vkeyOf('b') }), 'a', 'refused'],
  ['what is no key', published({ cluster: 'a', logKeys: 'x' }), 'a', 'refused'],
])('refuses %s', (_what, secret, cluster, code) => {
  expect(() => publishedLogKeys(secret, cluster)).toThrow(expect.objectContaining({ code }));
});
