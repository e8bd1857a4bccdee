import { describe, expect, test } from '@jest/globals';
import { keyRotationText, type Leaf, type PeriodManifestLeaf } from '@tachograph/protocol';
import { toBase64, utf8 } from '../bytes.ts';
import { keyId } from '../keys.ts';
import { createNoteKey } from '../note.ts';
import { createPeriodCounter } from '../period.ts';
import { LogFixture, type Objects, origin } from '../testing/archive-fixture.ts';
import { createTestKey, nodeCrypto as crypto, type TestKey } from '../testing/node-crypto.ts';
import { verify, whole } from '../testing/verify-fixture.ts';

const by = { iss: 'https://issuer.example', sub: 'alice' };
const deed = { v: 1, by, reason: 'case 42', at: '2026-11-21T12:02:00.000Z' } as const;

/** A log that only states things. */
function statements(...batches: readonly (readonly (Leaf | string)[])[]): { objects: Objects; log: LogFixture } {
  const log = new LogFixture(new Map());
  for (const leaves of batches) log.batch(...leaves);
  log.checkpoint();
  return { objects: log.objects, log };
}

const action = (at: string): Leaf => ({ v: 1, type: 'admin.action', action: 'replay', detail: {}, at });

/** Leaves in the order of the log, each hour's manifest as it must be. `change` is applied to those of `hour`. */
function logOfHours(hours: readonly number[], change: Partial<PeriodManifestLeaf> = {}, changed = -1): LogFixture {
  const counter = createPeriodCounter();
  const written = new LogFixture(new Map());
  const add = (leaf: Leaf): void => {
    counter.add(leaf);
    written.batch(leaf);
  };
  add(action('2026-11-21T00:05:00.000Z'));
  for (const hour of hours) {
    const at = `2026-11-21T${String(hour + 1).padStart(2, '0')}:00:01.000Z`;
    const size = written.tree.size;
    const manifest = counter.manifest({ cluster: 'demo', size, root: written.tree.root(), at });
    if (manifest === undefined) throw new Error('no hour is due');
    // Written in time, whatever hour the counter had expected.
    const { backfill: _, ...inTime } = manifest;
    const [from, to] = [hour, hour + 1].map((h) => new Date(Date.UTC(2026, 10, 21, h)).toISOString());
    add({ ...inTime, from: from ?? '', to: to ?? '', ...(hour === changed ? change : {}) });
    add(action(at));
  }
  written.checkpoint();
  return written;
}

function rotation(old: TestKey, next: TestKey, signers: readonly TestKey[] = [old, next]): Leaf {
  const [oldKeyId, newKeyId] = [old, next].map(({ publicKey }) => keyId(crypto, publicKey));
  const text = utf8(keyRotationText({ name: origin, oldKeyId: oldKeyId ?? '', newKeyId: newKeyId ?? '' }));
  const signedBy = signers.map((signer, i) => ({
    keyId: [oldKeyId, newKeyId][i] ?? '',
    sig: toBase64(signer.sign(text)),
  }));
  const publicKey = toBase64(next.publicKey);
  return { v: 1, type: 'key.log', keyId: newKeyId ?? '', publicKey, name: origin, signedBy, at: deed.at };
}

/** The log goes on under another key. */
function useKey(log: LogFixture, key: TestKey): void {
  Object.assign(log, { key, noteKey: createNoteKey(crypto, origin, key.publicKey) });
}

const objectOf = (archive: ReturnType<typeof whole>): { object: string; generation: string } => ({
  object: archive.first.object,
  generation: '1',
});

function purgeOf(objects: readonly { object: string; generation: string }[]): Leaf {
  return { ...deed, type: 'purge', purge: 'p1', objects: [...objects], part: 1, parts: 1, before: deed.at };
}

describe('period manifests', () => {
  test('hour by hour, as the leaves amount to, are no finding', async () => {
    const written = logOfHours([0, 1, 2]);
    expect(await verify({ objects: written.objects, log: written })).toMatchObject({ exitCode: 0, all: [] });
  });

  test('with an hour between them that has none are a gap', async () => {
    const written = logOfHours([0, 2]);
    const report = await verify({ objects: written.objects, log: written });
    expect(report).toMatchObject({ exitCode: 2, found: ['period.gap'] });
    expect(report.all[0]?.reason).toBe(
      'no period manifest for the time from 2026-11-21T01:00:00.000Z to 2026-11-21T02:00:00.000Z',
    );
  });

  test('that stop while the log goes on are a gap', async () => {
    const written = logOfHours([0]);
    written.batch(action('2026-11-21T02:20:00.000Z'));
    written.checkpoint();
    const report = await verify({ objects: written.objects, log: written });
    expect(report).toMatchObject({ exitCode: 2, found: ['period.gap'] });
  });

  test.each([
    ['segments', { segments: 1 }],
    ['streams', { streams: { opened: 0, closed: 0, lost: 0, open: 1 } }],
    ['log', { log: { size: 3, root: '0'.repeat(64) } }],
    ['log', { log: { size: 4, root: '0'.repeat(64) } }],
    ['cluster', { cluster: 'another' }],
    ['to', { to: '2026-11-21T03:00:00.000Z' }],
    ['from', { from: '2026-11-21T01:30:00.000Z' }],
    ['from', { from: '2026-11-20T23:00:00.000Z' }],
    ['to', { to: '+275760-09-13T00:00:00.000Z' }],
  ])('that misstate their %s are tampered with', async (_field, change) => {
    const written = logOfHours([0, 1], change, 1);
    const report = await verify({ objects: written.objects, log: written });
    expect([report.exitCode, report.found[0]]).toEqual([1, 'period.mismatch']);
  });
});

describe('log keys', () => {
  test('rotate by the signatures of both, and the old one ends when it is retired', async () => {
    const archive = whole();
    const { log } = archive;
    const policy = log.policy();
    const [old, next] = [log.key, createTestKey()];
    log.batch(rotation(old, next));
    useKey(log, next);
    log.batch({ v: 1, type: 'key.retired', keyId: keyId(crypto, old.publicKey), at: deed.at });
    log.batch(action(deed.at));
    log.checkpoint();
    expect(await verify(archive, { policy })).toMatchObject({ exitCode: 0, all: [] });
    useKey(log, old);
    log.batch(action(deed.at));
    const after = await verify(archive, { policy });
    expect(after).toMatchObject({ exitCode: 1, found: ['batch.invalid'] });
  });

  test.each([
    ['the key before it did not sign', (old: TestKey, next: TestKey) => rotation(old, next, [createTestKey(), next])],
    ['it did not sign itself', (old: TestKey, next: TestKey) => rotation(old, next, [old, old])],
    ['nobody signed', (old: TestKey, next: TestKey) => ({ ...rotation(old, next), signedBy: undefined })],
    ['is for another origin', (old: TestKey, next: TestKey) => ({ ...rotation(old, next), name: 'tachograph.dev/x' })],
    ['has another key id', (old: TestKey, next: TestKey) => ({ ...rotation(old, next), keyId: 'ab'.repeat(16) })],
  ])('are not believed when %s', async (_why, leafOf) => {
    const archive = whole();
    const { log } = archive;
    const policy = log.policy();
    const next = createTestKey();
    log.batch(JSON.stringify(leafOf(log.key, next)));
    log.checkpoint();
    useKey(log, next);
    log.batch(action(deed.at));
    const report = await verify(archive, { policy });
    expect(report).toMatchObject({ exitCode: 1, found: ['key.rotation', 'batch.invalid'] });
  });
});

describe('holds and purges', () => {
  test('what a purge names is purged by policy, not missing and not gone', async () => {
    const archive = whole();
    archive.log.batch(purgeOf([objectOf(archive)]));
    archive.log.checkpoint();
    archive.objects.delete(archive.first.object);
    const report = await verify(archive);
    expect(report).toMatchObject({ exitCode: 2, found: ['object.purged'], counts: { purges: 1 } });
    expect(report.all[0]).toMatchObject({ object: archive.first.object });
    expect(report.all[0]?.reason).toContain('purged by policy, as v1/log/batch/0000000000000007 line 5 states');
  });

  test('a purge before its object is deleted says nothing against it', async () => {
    const archive = whole();
    archive.log.batch(purgeOf([objectOf(archive)]));
    archive.log.checkpoint();
    expect(await verify(archive)).toMatchObject({ exitCode: 0, all: [] });
  });

  test('an object that no purge names is still missing', async () => {
    const archive = whole();
    archive.log.batch(purgeOf([objectOf(archive)]));
    archive.log.checkpoint();
    archive.objects.delete(archive.second.object);
    expect(await verify(archive)).toMatchObject({ exitCode: 3, found: ['object.missing'] });
  });

  test('a purge of what is held is tampering; of what was released it is not', async () => {
    const archive = whole();
    const { log } = archive;
    const hold = { ...deed, type: 'hold.placed', hold: 'h1', selection: {}, part: 1, parts: 1 } as const;
    log.batch({ ...hold, objects: [objectOf(archive)] });
    log.batch(purgeOf([objectOf(archive)]));
    log.checkpoint();
    const report = await verify(archive);
    expect(report).toMatchObject({ exitCode: 1, found: ['purge.held'], counts: { holds: 1 } });
    expect(report.all[0]?.reason).toContain(archive.first.object);
    const other = whole();
    other.log.batch({ ...hold, objects: [objectOf(other)] }, { ...deed, type: 'hold.released', hold: 'h1' });
    other.log.batch(purgeOf([objectOf(other)]));
    other.log.checkpoint();
    expect(await verify(other)).toMatchObject({ exitCode: 0, all: [] });
  });

  test('a purge of the log or of keys is tampering, and explains nothing', async () => {
    const archive = whole();
    archive.log.batch(purgeOf([{ object: 'v1/log/batch/0000000000000000', generation: '1' }]));
    archive.log.checkpoint();
    expect(await verify(archive)).toMatchObject({ exitCode: 1, found: ['purge.held'] });
  });

  test('a hold whose list is not all there is said to be partial; a release of no hold is noted', async () => {
    const hold = { ...deed, type: 'hold.placed', hold: 'h1', selection: {}, objects: [], part: 1, parts: 2 } as const;
    const archive = statements([JSON.stringify(hold), { ...deed, type: 'hold.released', hold: 'h2' }]);
    expect((await verify(archive)).found).toEqual(['hold.unknown', 'hold.partial']);
  });
});

describe('a leaf', () => {
  test.each([
    ['of a known type without its fields', '{"v":1,"type":"segment","stream":"x"}', 'leaf.malformed', 1],
    ['that is no object', '"text"', 'leaf.malformed', 1],
    ['without a version', '{"type":"later"}', 'leaf.malformed', 1],
    ['of a later version', '{"v":2,"type":"segment"}', 'format.newer', 3],
    ['of an unknown type', '{"v":1,"type":"of.tomorrow"}', 'leaf.unknown', 0],
    ['whose time is none', JSON.stringify(action('yesterday')), 'leaf.malformed', 1],
  ])('%s is named with its line', async (_what, text, kind, exitCode) => {
    const report = await verify(statements([text]));
    expect(report.exitCode).toBe(exitCode);
    expect(report.all).toEqual([expect.objectContaining({ kind, object: 'v1/log/batch/0000000000000000', line: 5 })]);
  });
});

describe('times', () => {
  test('that go back by more than clocks differ are said once', async () => {
    const times = ['12:00', '11:50', '12:10', '11:40', '11:41', '12:20'].map((t) => action(`2026-11-21T${t}:00.000Z`));
    const report = await verify(statements(times));
    expect(report).toMatchObject({ exitCode: 2, found: ['log.time'] });
    expect(report.all[0]).toMatchObject({ line: 8 });
  });

  test('ahead of the clock of the machine that verifies are noted', async () => {
    const archive = statements([action('2026-11-21T12:00:00.000Z')]);
    const behind = await verify(archive, { nowMs: Date.parse('2026-11-21T11:50:00Z') });
    expect(behind).toMatchObject({ exitCode: 0, found: ['log.future'] });
    expect((await verify(archive, { nowMs: Date.parse('2026-11-21T11:58:00Z') })).found).toEqual([]);
  });
});
