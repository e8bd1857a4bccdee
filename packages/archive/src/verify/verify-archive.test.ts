import { describe, expect, test } from '@jest/globals';
import { objectNames } from '@tachograph/protocol';
import * as fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { toHex, utf8 } from '../bytes.ts';
import {
  addSession,
  LogFixture,
  type Objects,
  sourceOf,
  storeManifest,
  StreamFixture,
  time,
} from '../testing/archive-fixture.ts';
import { nodeCrypto as crypto } from '../testing/node-crypto.ts';
import { headOf, verify, whole } from '../testing/verify-fixture.ts';

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const hurt = Uint8Array.from(bytes);
  hurt[bit >> 3] = (hurt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return hurt;
}

describe('a whole archive', () => {
  test('verifies, and says that nobody independent vouches for it', async () => {
    const report = await verify(whole());
    expect(report.all).toEqual([]);
    expect(report).toMatchObject({
      exitCode: 0,
      text: 'verified; self-consistent, not independently anchored',
      counts: { batches: 4, leaves: 7, checkpoints: 2, streams: 1, segments: 2, records: 10, sessions: 1 },
    });
  });

  test('verifies when every segment was logged twice', async () => {
    const archive = whole();
    archive.log.batch({ ...archive.first, receivedAt: `${time.slice(0, -1)}1Z` });
    archive.log.checkpoint();
    expect(await verify(archive)).toMatchObject({ exitCode: 0, all: [] });
  });

  test('is found tampered for any flipped bit of any object', async () => {
    const { objects, log } = whole();
    const names = [...objects.keys()].toSorted();
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (pickName, pickBit) => {
        const name = names[pickName % names.length] ?? '';
        const bytes = objects.get(name) ?? new Uint8Array();
        const hurt = new Map(objects).set(name, flip(bytes, pickBit % (bytes.length * 8)));
        const report = await verify({ objects: hurt, log });
        expect(report.exitCode).toBe(1);
        expect(report.all.some((finding) => finding.severity === 'tampered' && finding.object === name)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('is found missing or worse for any removed object', async () => {
    const { objects, log } = whole();
    const needed = [...objects.keys()].filter((name) => !name.startsWith('v1/log/checkpoint/'));
    for (const name of needed) {
      const less = new Map(objects);
      less.delete(name);
      const copy = await verify({ objects: less, log });
      const bucket = await verify({ objects: less, log }, { source: sourceOf(less, true) });
      expect({ name, copy: copy.exitCode, bucket: bucket.exitCode }).toEqual({ name, copy: 3, bucket: 1 });
    }
  });
});

describe('a damaged segment', () => {
  test('names object and line when a line was altered', async () => {
    const archive = whole();
    const lines = archive.it.lines.slice(0, 4).map((line) => `${line}\n`);
    const altered = lines.with(2, (lines[2] ?? '').replace('text', 'texT')).join('');
    archive.objects.set(archive.first.object, gzipSync(altered));
    const report = await verify(archive);
    expect(report.all).toContainEqual(
      expect.objectContaining({ kind: 'object.bytes', severity: 'tampered', object: archive.first.object, line: 4 }),
    );
  });

  test('names the line that can still be reached when the gzip stream is torn', async () => {
    const archive = whole();
    const bytes = archive.objects.get(archive.first.object) ?? new Uint8Array();
    archive.objects.set(archive.first.object, bytes.slice(0, bytes.length - 40));
    const finding = (await verify(archive)).all.find(({ kind }) => kind === 'object.bytes');
    expect(finding?.line).toBeGreaterThanOrEqual(1);
  });

  test('is found when the log was rewritten to match it', async () => {
    const { objects, log, it, first } = whole();
    const lines = it.lines.slice(0, 4).map((line) => `${line}\n`);
    const bytes = gzipSync(lines.with(2, (lines[2] ?? '').replace('text', 'texT')).join(''));
    const forged = new LogFixture(new Map(objects));
    const sha256 = toHex(crypto.sha256(bytes));
    const object = first.object.replace(first.sha256.slice(0, 16), sha256.slice(0, 16));
    forged.objects.delete(first.object);
    forged.objects.set(object, bytes);
    const same = Object.assign(forged, { key: log.key, noteKey: log.noteKey });
    for (const name of forged.objects.keys()) if (name.startsWith('v1/log/')) forged.objects.delete(name);
    same.batch(it.openLeaf(), { ...first, object, sha256, size: bytes.length });
    same.checkpoint();
    const report = await verify({ objects: forged.objects, log: same });
    expect(report.all).toContainEqual(expect.objectContaining({ kind: 'segment.lines', object, line: 4 }));
  });
});

describe('a rewritten log', () => {
  test('does not extend the checkpoint that the verifier kept', async () => {
    const { log } = whole();
    const kept = log.checkpoint();
    const other = whole();
    Object.assign(other.log, { key: log.key });
    const rewritten = whole();
    const forged = Object.assign(new LogFixture(rewritten.objects), { key: log.key, noteKey: log.noteKey });
    for (const name of rewritten.objects.keys()) if (name.startsWith('v1/log/')) rewritten.objects.delete(name);
    forged.batch(rewritten.it.openLeaf(), rewritten.first, rewritten.second, rewritten.manifest);
    forged.batch(
      { v: 1, type: 'stream.heads', heads: [], at: time },
      '{"v":1,"type":"later"}',
      '{"v":1,"type":"later"}',
    );
    forged.checkpoint();
    const report = await verify({ objects: rewritten.objects, log: forged }, { pinnedCheckpoint: kept });
    expect(report.found).toContain('checkpoint.pinned');
    expect(report.exitCode).toBe(1);
  });

  test("is found when its tail is cut behind the verifier's back", async () => {
    const archive = whole();
    const kept = archive.log.checkpoint();
    archive.objects.delete(objectNames.checkpoint(7));
    archive.objects.delete(objectNames.batch(6));
    const report = await verify(archive, { pinnedCheckpoint: kept });
    expect(report.found).toContain('checkpoint.pinned');
  });

  test('is anchored by the kept checkpoint when it extends it', async () => {
    const archive = whole();
    const note = new TextDecoder().decode(archive.objects.get(objectNames.checkpoint(3)));
    const report = await verify(archive, { pinnedCheckpoint: note });
    expect(report.text).toBe('verified; extends the pinned checkpoint of log size 3');
  });

  test('is found when two signed batches stand at one index', async () => {
    const archive = whole();
    const fork = Object.assign(new LogFixture(new Map()), { key: archive.log.key, noteKey: archive.log.noteKey });
    fork.batch('{"v":1,"type":"other"}');
    archive.objects.set(`${objectNames.batch(0)}-1`, fork.objects.get(objectNames.batch(0)) ?? new Uint8Array());
    expect(await verify(archive)).toMatchObject({ exitCode: 1, found: ['batch.fork'] });
  });

  test('passes over junk that took a batch name', async () => {
    const archive = whole();
    const name = objectNames.batch(2);
    archive.objects.set(`${name}-1`, archive.objects.get(name) ?? new Uint8Array());
    archive.objects.set(name, utf8('junk'));
    expect(await verify(archive)).toMatchObject({ exitCode: 0, found: ['batch.skipped'] });
  });

  test('is found when the log signed a checkpoint of other leaves', async () => {
    const archive = whole();
    const other = Object.assign(new LogFixture(new Map()), { key: archive.log.key, noteKey: archive.log.noteKey });
    other.batch('{"v":1,"type":"a"}', '{"v":1,"type":"b"}', '{"v":1,"type":"c"}');
    archive.objects.set(objectNames.checkpoint(3), utf8(other.checkpoint()));
    expect(await verify(archive)).toMatchObject({ exitCode: 1, found: ['checkpoint.root'] });
  });

  test('may be longer than its newest checkpoint', async () => {
    const archive = whole();
    archive.log.batch('{"v":1,"type":"of.tomorrow"}');
    expect(await verify(archive)).toMatchObject({ exitCode: 0, found: ['leaf.unknown', 'log.uncovered'] });
  });

  test('is missing when there is none', async () => {
    const { log } = whole();
    expect(await verify({ objects: new Map(), log })).toMatchObject({ exitCode: 3, found: ['log.missing'] });
  });
});

describe('a stream', () => {
  test('is short when its last segment was dropped from the log', async () => {
    const { objects, it, log, second } = whole();
    const cut = Object.assign(new LogFixture(objects), { key: log.key, noteKey: log.noteKey });
    for (const name of objects.keys()) if (name.startsWith('v1/log/')) objects.delete(name);
    const last = second.last;
    cut.batch(it.openLeaf(), it.seal(objects, 0, 3));
    cut.batch({
      v: 1,
      type: 'stream.close',
      stream: it.stream,
      lastSeq: last,
      lastHash: it.hashes[last] ?? '',
      receivedAt: time,
    });
    cut.checkpoint();
    const report = await verify({ objects, log: cut });
    expect(report.exitCode).toBe(1);
    expect(report.found).toEqual(expect.arrayContaining(['stream.short', 'object.unlogged']));
  });

  test('is broken where a segment continues another history', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    const fork = Object.assign(new StreamFixture(), { key: it.key });
    it.add({ kind: 'heartbeat' });
    fork.add({ kind: 'gap' }, { kind: 'stream.close' });
    const second = fork.seal(objects, 2, 2);
    log.batch(it.openLeaf(), it.seal(objects, 0, 1), second);
    log.checkpoint();
    const { all } = await verify({ objects, log });
    expect(all).toContainEqual(expect.objectContaining({ kind: 'chain.broken', object: second.object, line: 1 }));
  });

  test('has a gap when a segment in its middle was dropped', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    it.add({ kind: 'heartbeat' }, { kind: 'heartbeat' }, { kind: 'stream.close' });
    log.batch(it.openLeaf(), it.seal(objects, 0, 0), it.seal(objects, 2, 3));
    log.checkpoint();
    expect(await verify({ objects, log })).toMatchObject({ exitCode: 1, found: ['chain.gap'] });
  });

  test.each([
    ['shorter than what it reported as durable is tampered with', 3, ['stream.short'], 1],
    ['shorter than what it reported only is lost', 0, ['stream.lost'], 2],
  ])('%s', async (_name, durableSeq, found, exitCode) => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    it.add({ kind: 'heartbeat' }, { kind: 'heartbeat' }, { kind: 'heartbeat' });
    log.batch(it.openLeaf(), it.seal(objects, 0, 1));
    log.batch({ v: 1, type: 'stream.heads', heads: [{ ...headOf(it, 3), durableSeq }], at: time });
    log.batch({
      v: 1,
      type: 'stream.close',
      stream: it.stream,
      lastSeq: 1,
      lastHash: it.hashes[1] ?? '',
      receivedAt: time,
    });
    log.checkpoint();
    expect(await verify({ objects, log })).toMatchObject({ exitCode, found });
  });

  test('that is lost within stated bounds is incomplete, but explained', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    it.add({ kind: 'heartbeat' }, { kind: 'heartbeat' });
    log.batch(it.openLeaf(), it.seal(objects, 0, 1));
    log.batch({ v: 1, type: 'stream.heads', heads: [headOf(it, 2)], at: time });
    const bounds = { lastArchivedSeq: 1, lastReportedSeq: 2, lastReportedDurableSeq: 2, lastContact: time };
    log.batch({ v: 1, type: 'stream.lost', stream: it.stream, ...bounds, reason: 'pod deleted', at: time });
    log.checkpoint();
    const report = await verify({ objects, log });
    expect(report).toMatchObject({ exitCode: 2, found: ['stream.lost'] });
    expect(report.all[0]?.reason).toContain('seq 2 to 2 were reported and never arrived');
  });

  test('whose lines are not those that it reported as its head is tampered with', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    it.add({ kind: 'heartbeat' }, { kind: 'stream.close' });
    log.batch(it.openLeaf(), {
      v: 1,
      type: 'stream.heads',
      heads: [{ ...headOf(it, 1), hash: '1'.repeat(64) }],
      at: time,
    });
    log.batch(it.seal(objects, 0, 2));
    log.checkpoint();
    expect(await verify({ objects, log })).toMatchObject({ exitCode: 1, found: ['head.mismatch'] });
  });

  test('that is still open is no defect, and neither is a segment whose leaf is on the way', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    it.add({ kind: 'heartbeat' }, { kind: 'heartbeat' });
    log.batch(it.openLeaf(), it.seal(objects, 0, 1));
    log.checkpoint();
    expect(await verify({ objects, log })).toMatchObject({ exitCode: 0, found: ['stream.open'] });
    it.seal(objects, 2, 2);
    expect(await verify({ objects, log })).toMatchObject({ exitCode: 2, found: ['stream.open', 'object.unfinished'] });
  });

  test.each([
    ['at its archived end is whole', 2, ['stream.resumed'], 0],
    ['further than it is archived is incomplete', 1, ['stream.unterminated'], 2],
  ])('that the next start found %s', async (_name, archivedTo, found, exitCode) => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    it.add({ kind: 'heartbeat' }, { kind: 'heartbeat' });
    const next = new StreamFixture('01932b00-0000-7000-8000-000000000002');
    const detail = { previous_stream: it.stream, previous_seq: 2, previous_hash: it.hashes[2] };
    next.add({ kind: 'stream.resume', detail }, { kind: 'stream.close' });
    log.batch(it.openLeaf(), it.seal(objects, 0, archivedTo), next.openLeaf(), next.seal(objects, 0, 2));
    log.checkpoint();
    expect(await verify({ objects, log })).toMatchObject({ exitCode, found });
  });

  test('that the log never opened is tampered with', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    log.batch(new StreamFixture().seal(objects, 0, 0));
    log.checkpoint();
    expect(await verify({ objects, log })).toMatchObject({ exitCode: 1, found: ['stream.unopened'] });
  });

  test('with an unsigned tail or a stated gap is incomplete, with object and line', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    it.add({ kind: 'gap', detail: { cause: 'calls_refused' } }, { kind: 'heartbeat' });
    const leaf = it.seal(objects, 0, 2, 1);
    log.batch(it.openLeaf(), leaf);
    log.checkpoint();
    const report = await verify({ objects, log });
    expect(report.exitCode).toBe(2);
    expect(report.all).toEqual([
      expect.objectContaining({ kind: 'record.gap', object: leaf.object, line: 2 }),
      expect.objectContaining({ kind: 'stream.unsigned_tail', object: leaf.object, line: 3 }),
      expect.objectContaining({ kind: 'stream.open' }),
    ]);
  });
});

describe('a session', () => {
  test('whose close misstates its lines is tampered with', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    const { count, first, last } = addSession(it, 1);
    const detail = { closed: 'delete', count, first, last, root: '0'.repeat(64) };
    it.add(
      { kind: 'session.close', session: '01932b00-0000-7000-8000-0000000000aa', detail },
      { kind: 'stream.close' },
    );
    log.batch(it.openLeaf(), it.seal(objects, 0, it.lines.length - 1));
    log.checkpoint();
    expect((await verify({ objects, log })).found).toEqual(['session.close', 'session.no_manifest']);
  });

  test('whose manifest has another root is tampered with', async () => {
    const { objects, log, first, second, it } = whole();
    const session = addSession(new StreamFixture(), 3);
    const segments = [first, second].map(({ object, generation, sha256 }) => ({ object, generation, sha256 }));
    const leaf = storeManifest(objects, { ...session, stream: it.stream, rev: 1, root: 'a'.repeat(64), segments });
    log.batch(leaf);
    log.checkpoint();
    expect(await verify({ objects, log })).toMatchObject({ exitCode: 1, found: ['session.manifest'] });
  });
});

describe('a manifest that no leaf names', () => {
  test('does no harm when it says what the records say', async () => {
    const archive = whole();
    const leaf = archive.manifest;
    if (leaf.type !== 'session.manifest') throw new Error('not a manifest');
    const copy = leaf.object.replace('-0-', '-1-');
    archive.objects.set(copy, archive.objects.get(leaf.object) ?? new Uint8Array());
    expect(await verify(archive)).toMatchObject({ exitCode: 0, found: ['session.extra_manifest'] });
    archive.objects.set(copy, utf8('{}'));
    expect(await verify(archive)).toMatchObject({ exitCode: 1, found: ['object.unlogged'] });
  });
});

describe('a partial copy', () => {
  test('misses nothing outside of its selection', async () => {
    const archive = whole();
    const list = { v: 1, selection: { kind: 'session', session: 'x' }, objects: [archive.first.object] };
    archive.objects.set('pull.json', utf8(JSON.stringify(list)));
    archive.objects.delete(archive.second.object);
    const report = await verify(archive);
    expect(report).toMatchObject({ exitCode: 0, counts: { segments: 1, segmentsNotSelected: 1, sessions: 0 } });
  });

  test('misses what it claims to hold', async () => {
    const archive = whole();
    const list = { v: 1, selection: { kind: 'all' }, objects: [] };
    archive.objects.set('pull.json', utf8(JSON.stringify(list)));
    archive.objects.delete(archive.second.object);
    expect(await verify(archive)).toMatchObject({ exitCode: 3, found: ['object.missing'] });
  });
});

describe('the bucket', () => {
  test('holds nothing that no leaf names', async () => {
    const archive = whole();
    const stranger = new StreamFixture('01932b00-0000-7000-8000-000000000009');
    const { object } = stranger.seal(archive.objects, 0, 0);
    archive.objects.set('v1/keys/note.txt', utf8('x'));
    const report = await verify(archive);
    expect(report.all.map(({ kind, object: name }) => [kind, name])).toEqual([
      ['object.unlogged', object],
      ['object.foreign', 'v1/keys/note.txt'],
    ]);
  });

  test('with a hidden version is an incident, and the original is what is verified', async () => {
    const archive = whole();
    const source = sourceOf(archive.objects, true);
    const report = await verify(archive, {
      source: {
        ...source,
        async *list(prefix) {
          for await (const object of source.list(prefix)) {
            yield object;
            if (object.name === archive.first.object) yield { ...object, generation: '2' };
          }
        },
        get: async (name, generation) => (generation === '2' ? utf8('junk') : await source.get(name)),
      },
    });
    expect(report).toMatchObject({ exitCode: 1, found: ['object.noncurrent'] });
  });
});

describe('a later version of the format', () => {
  test('in a record or a manifest is not held against the archive, and not called verified', async () => {
    const objects: Objects = new Map();
    const log = new LogFixture(objects);
    const it = new StreamFixture();
    const line = `{"v":2,"stream":"${it.stream}","seq":1,"prev":"${it.hashes[0] ?? ''}","shape":"another"}`;
    it.lines.push(line);
    it.hashes.push(toHex(crypto.sha256(utf8(line))));
    const manifest = storeManifest(objects, { ...addSession(new StreamFixture(), 1), stream: it.stream });
    if (manifest.type !== 'session.manifest') throw new Error('not a manifest');
    const text = new TextDecoder().decode(objects.get(manifest.object)).replace('"v":1', '"v":2');
    objects.set(manifest.object, utf8(text));
    const leaf = it.seal(objects, 0, 1);
    log.batch(it.openLeaf(), leaf, { ...manifest, sha256: toHex(crypto.sha256(utf8(text))) });
    log.checkpoint();
    const report = await verify({ objects, log });
    expect(report).toMatchObject({ exitCode: 3, found: ['format.newer', 'format.newer', 'stream.open'] });
    expect(report.all[0]).toMatchObject({ object: leaf.object, line: 2 });
    expect(report.all[1]).toMatchObject({ object: manifest.object });
  });
});
