import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManifestList, type LoggedManifest } from './manifest-list.ts';

const hex64 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const sessions = ['01930000-0000-7000-8000-000000000001', '00000000-0000-0000-0000-000000000000', 'ABC', ''];
const rev = fc.oneof(fc.nat(3), fc.constantFrom(2 ** 32 - 1, 2 ** 32));
const hash = fc.oneof(hex64, fc.constantFrom('', '0'.repeat(64), 'F'.repeat(64)));
const draft = fc.record({
  session: fc.oneof(fc.uuid(), fc.constantFrom(...sessions)),
  rev,
  sha256: hash,
  leafHash: hash,
});

const toManifest = ({ rev: number, sha256, index, leafHash }: LoggedManifest) => ({
  rev: number,
  sha256,
  index,
  leafHash,
});

test('answers a session as a map of the same manifests would', () => {
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 60 }), (drafts) => {
      const list = new ManifestList();
      const all = drafts.map((one, index) => ({ ...one, index }));
      for (const { session, ...manifest } of all) list.push(session, manifest);
      for (const session of [...sessions, ...all.map((one) => one.session)]) {
        const expected = all.filter((one) => one.session === session).map(toManifest);
        expect(list.of(session)).toEqual(expected);
      }
      list.clear();
      expect(sessions.flatMap((session) => list.of(session))).toEqual([]);
    }),
  );
});

test('takes bytes of a hash that look like a session for none', () => {
  const list = new ManifestList();
  const key = '01930000000070008000000000000001';
  list.push('01930000-0000-7000-8000-000000000002', { rev: 0, sha256: key + key, leafHash: key + key, index: 1 });
  expect(list.of('01930000-0000-7000-8000-000000000001')).toEqual([]);
});
