/** An operator with the log's key, against a verifier that saw a checkpoint before, or whose witness did. */
import { describe, expect, test } from '@jest/globals';
import { type Leaf, objectNames } from '@tachograph/protocol';
import { LogFixture, time } from '../testing/archive-fixture.ts';
import { cosignStored, policyWith, WitnessFixture } from '../testing/witness-fixture.ts';
import { verify, type Whole, whole } from '../testing/verify-fixture.ts';
import type { KeptCheckpoint } from './kept-checkpoint.ts';

const witness = new WitnessFixture('w1');
const noteAt = ({ objects }: Whole, size: number): string =>
  new TextDecoder().decode(objects.get(objectNames.checkpoint(size)));

/** What an earlier run kept of the untouched archive. */
function remembered(archive: Whole): readonly KeptCheckpoint[] {
  return [{ kind: 'remembered', note: noteAt(archive, 7), seenAt: '2026-11-21T13:00:00.000Z' }];
}

/** The same objects under another log by the same key. */
function rewritten(archive: Whole, ...batches: readonly (readonly Leaf[])[]): Pick<Whole, 'objects' | 'log'> {
  const objects = new Map([...archive.objects].filter(([name]) => !name.startsWith('v1/log/')));
  const log = Object.assign(new LogFixture(objects), { key: archive.log.key, noteKey: archive.log.noteKey });
  for (const leaves of batches) log.batch(...leaves);
  log.checkpoint();
  return { objects, log };
}

const filler = (index: number): Leaf => ({
  v: 1,
  type: 'admin.action',
  action: 'replay',
  detail: { index },
  at: time,
});

/** Everything of the one session is dropped; the log is as long as before. */
function dropSession(archive: Whole): Pick<Whole, 'objects' | 'log'> {
  const forged = rewritten(archive, [0, 1, 2, 3, 4, 5, 6].map(filler));
  for (const name of forged.objects.keys()) if (!name.startsWith('v1/log/')) forged.objects.delete(name);
  return forged;
}

function truncate(archive: Whole): Pick<Whole, 'objects' | 'log'> {
  const objects = new Map(archive.objects);
  for (const name of [objectNames.batch(3), objectNames.batch(6), objectNames.checkpoint(7)]) objects.delete(name);
  objects.delete(archive.second.object);
  if (archive.manifest.type === 'session.manifest') objects.delete(archive.manifest.object);
  return { objects, log: archive.log };
}

const attacks: readonly (readonly [string, (archive: Whole) => Pick<Whole, 'objects' | 'log'>, RegExp])[] = [
  [
    'rewrites the history',
    (it) => rewritten(it, [it.it.openLeaf(), it.first, it.second, it.manifest], [filler(0), filler(1), filler(2)]),
    /rewritten/,
  ],
  ['cuts off the tail', truncate, /truncated: the log had 7 leaves .* at 2026-11-21T13:00:00.000Z, now it has 3/],
  ['drops a session', dropSession, /rewritten: at log size 7/],
];

describe('an operator with the key of the log', () => {
  test.each(attacks)('who %s is found by a verifier that remembers', async (_deed, attack, sentence) => {
    const archive = whole();
    const kept = remembered(archive);
    expect(await verify(archive, { kept })).toMatchObject({ exitCode: 0, anchor: { kind: 'remembered', size: 7 } });
    const report = await verify(attack(archive), { kept });
    expect(report.exitCode).toBe(1);
    expect(report.all.find(({ kind }) => kind === 'checkpoint.remembered')?.reason).toMatch(sentence);
  });

  test.each(attacks)('who %s has no cosigned checkpoint to show', async (_deed, attack) => {
    const archive = whole();
    cosignStored(archive.log, 7, witness);
    const policy = archive.log.policy(policyWith(archive.log, 'all', witness));
    const witnesses = { required: true };
    expect(await verify(archive, { policy, witnesses })).toMatchObject({ exitCode: 0 });
    const report = await verify(attack(archive), { policy, witnesses });
    expect(report.found).toContain('witness.missing');
    expect(report.exitCode).toBe(3);
  });

  test('who keeps the cosigned checkpoint beside another history is found by it', async () => {
    const archive = whole();
    cosignStored(archive.log, 7, witness);
    const forged = dropSession(archive);
    forged.objects.set(objectNames.checkpoint(7), archive.objects.get(objectNames.checkpoint(7)) ?? new Uint8Array());
    expect(await verify(forged)).toMatchObject({ exitCode: 1, found: ['checkpoint.root', 'checkpoint.none'] });
  });

  test('who shows two histories is found by whoever sees both', async () => {
    const archive = whole();
    const fork = rewritten(archive, [filler(0), filler(1)]);
    archive.objects.set(`${objectNames.batch(0)}-1`, fork.objects.get(objectNames.batch(0)) ?? new Uint8Array());
    expect(await verify(archive)).toMatchObject({ exitCode: 1, found: ['batch.fork'] });
  });
});
