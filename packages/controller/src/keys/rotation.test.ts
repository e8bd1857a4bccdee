import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey, sign } from 'node:crypto';
import { parseNote, signBatch } from '@tachograph/archive';
import { keyRotationText, type Leaf, objectNames } from '@tachograph/protocol';
import { createLogKey, holdKeys } from '../sequencer/log-key.ts';
import { runSequencerCommand } from '../sequencer-command.ts';
import { type Installation, startInstallation, until } from '../testing/installation.ts';
import { LogTerms } from '../testing/log-terms.ts';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { TestStream, uuidOf } from '../testing/test-stream.ts';
import { verifyBucket } from '../testing/verify.ts';
import { loadLogKeys } from './log-keys.ts';
import { generateSigningKeyPem, toSigningKey } from './signing-key.ts';

async function findings(terms: LogTerms): Promise<readonly string[]> {
  const { findings: all } = await verifyBucket(terms.store, terms.key.vkey);
  // Of the log alone: there are no objects behind these leaves.
  return all.map(({ kind }) => kind).filter((kind) => /^(batch|checkpoint|key|leaf|period)\./.test(kind));
}

const fresh = () => createLogKey('test', toSigningKey(generateSigningKeyPem()));

/** Who signed the newest object under a prefix: hash of each key that holds. */
async function newestNote(terms: LogTerms, prefix: string): Promise<string> {
  let newest = '';
  for await (const { name } of terms.store.list(prefix)) newest = name;
  return Buffer.from((await terms.store.get(newest)) ?? []).toString();
}

const signedBy = (note: string, key: ReturnType<typeof fresh>): boolean =>
  parseNote(note)?.signatures.some(({ hash }) => Buffer.from(hash).equals(key.note.hash)) ?? false;

describe('log-key rotation', () => {
  test('old and new key hand over in the log, both sign checkpoints, and the old one is retired', async () => {
    const terms = new LogTerms();
    const next = fresh();
    const held = { keys: [terms.key] };
    const keys = { origin: terms.key.origin, current: () => held.keys, reload: async () => undefined };
    const term = await terms.lead({ keys });
    await terms.during(term.port.append([terms.openLeaf(1)]));
    held.keys = [terms.key, next];
    await terms.clock.pass(16_000);
    expect(await terms.leavesOf('key.log')).toMatchObject([
      { keyId: terms.key.signing.keyId },
      { keyId: next.signing.keyId },
    ]);
    // The leaf itself is signed by the old key, what follows by the new one.
    expect(signedBy(await newestNote(terms, 'v1/log/batch/'), terms.key)).toBe(true);
    await terms.during(term.port.append([terms.openLeaf(2)]));
    const batch = await newestNote(terms, 'v1/log/batch/');
    expect([signedBy(batch, next), signedBy(batch, terms.key)]).toEqual([true, false]);
    await terms.clock.pass(60_000);
    const both = await newestNote(terms, 'v1/log/checkpoint/');
    expect([signedBy(both, next), signedBy(both, terms.key)]).toEqual([true, true]);
    held.keys = [next];
    await terms.clock.pass(80_000);
    expect(await terms.leavesOf('key.retired')).toMatchObject([{ keyId: terms.key.signing.keyId }]);
    const alone = await newestNote(terms, 'v1/log/checkpoint/');
    expect([signedBy(alone, next), signedBy(alone, terms.key)]).toEqual([true, false]);
    expect(await findings(terms)).toEqual([]);
    await term.close();
    // A later leader holds the new key only, and still finds its way from the first batch.
    const later = await terms.lead({ keys: holdKeys(next) });
    await terms.during(later.port.append([terms.openLeaf(3)]));
    expect(await findings(terms)).toEqual([]);
    expect(terms.halts).toEqual([]);
  });

  test('a leader that starts in the middle of a rotation goes on with the key that the log names', async () => {
    const terms = new LogTerms();
    const next = fresh();
    const first = await terms.lead();
    await first.close();
    const second = await terms.lead({ keys: holdKeys(terms.key, next) });
    await second.close();
    const third = await terms.lead({ keys: holdKeys(terms.key, next) });
    expect(third.log.keys.active()).toBe(next);
    expect(await terms.leavesOf('key.log')).toHaveLength(2);
    await third.close();
    // Whoever holds the old key only cannot have been told: it goes on with that, and verifiers follow.
    const fourth = await terms.lead();
    await terms.during(fourth.port.append([terms.openLeaf(1)]));
    expect(await findings(terms)).toEqual([]);
  });

  test('a retired key that somebody kept writes no batch that counts', async () => {
    const terms = new LogTerms();
    const next = fresh();
    const held = { keys: [terms.key, next] };
    const keys = { origin: terms.key.origin, current: () => held.keys, reload: async () => undefined };
    const term = await terms.lead({ keys });
    held.keys = [next];
    await terms.clock.pass(16_000);
    const firstIndex = term.log.size();
    const forged = { origin: terms.key.origin, firstIndex, leaves: [terms.openLeaf(9)] };
    await terms.store.create(objectNames.batch(firstIndex), Buffer.from(signBatch(forged, terms.key.note, terms.sign)));
    await terms.during(term.port.append([terms.openLeaf(1)]));
    expect(terms.halts).toEqual([]);
    expect(await terms.store.get(`${objectNames.batch(firstIndex)}-1`)).toBeDefined();
    expect(await findings(terms)).toEqual(['batch.skipped']);
    await term.close();
    const later = await terms.lead({ keys: holdKeys(next) });
    expect(later.log.index.streams.has(uuidOf(9))).toBe(false);
    expect(later.log.index.streams.has(uuidOf(1))).toBe(true);
  });

  test('a key that the old one did not sign is believed by nobody', async () => {
    const terms = new LogTerms();
    const thief = fresh();
    const pem = generateSigningKeyPem();
    const term = await terms.lead();
    const text = keyRotationText({
      name: thief.origin,
      oldKeyId: terms.key.signing.keyId,
      newKeyId: thief.signing.keyId,
    });
    const forged: Leaf = {
      v: 1,
      type: 'key.log',
      keyId: thief.signing.keyId,
      publicKey: Buffer.from(thief.signing.publicKey).toString('base64'),
      name: thief.origin,
      signedBy: [
        {
          keyId: terms.key.signing.keyId,
          sig: sign(null, Buffer.from(text), createPrivateKey(pem)).toString('base64'),
        },
        { keyId: thief.signing.keyId, sig: Buffer.from(await thief.signing.sign(text)).toString('base64') },
      ],
      at: terms.now(),
    };
    await terms.during(term.log.write(forged));
    expect(term.log.keys.trusted().map(({ hash }) => hash)).toEqual([terms.key.note.hash]);
    await term.close();
    await expect(terms.lead({ keys: holdKeys(thief) })).rejects.toMatchObject({ code: 'internal' });
    expect(await findings(terms)).toEqual(['key.rotation']);
  });
});

describe('keys of an installation', () => {
  let installation: Installation;
  beforeEach(async () => {
    installation = await startInstallation({ environment: { TACHO_SWEEP_INTERVAL: '50ms' } });
  });
  afterEach(async () => installation.close());

  async function command(...args: string[]): Promise<string> {
    let written = '';
    const environment = {
      TACHO_STATE: installation.state,
      TACHO_CLUSTER: 'test',
      TACHO_BUCKET: `${installation.dir}/bucket`,
    };
    const process = { component: 'tachograph-sequencer', environment };
    await runSequencerCommand(process, args, (text) => {
      written += text;
    });
    return written;
  }

  test('rotate-key, then rotate-key --finish: the log goes on, and verifies from the first key', async () => {
    const first = await installation.vkey();
    const sidecar = await installation.enrol('store');
    const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
    await sidecar.open(stream.opening);
    expect((await sidecar.putSegment(stream.seal())).status).toBe(200);
    const [, vkey = ''] = (await command('rotate-key')).split('\n');
    await until('both keys', async () => ((await installation.leavesOf('key.log')).length === 2 ? true : undefined));
    stream.append({ kind: 'heartbeat' });
    expect((await sidecar.putSegment(stream.seal())).status).toBe(200);
    await until('a checkpoint of the new key', async () => {
      const name = (await installation.names('v1/log/checkpoint/')).at(-1) ?? '';
      const note = Buffer.from((await installation.store.get(name)) ?? []).toString();
      return note.includes(vkey.slice(0, vkey.indexOf('+'))) && parseNote(note)?.signatures.length === 2
        ? true
        : undefined;
    });
    expect(await command('rotate-key', '--finish')).toContain('alone signs');
    await until('the end of the old key', async () =>
      (await installation.leavesOf('key.retired')).length === 1 ? true : undefined,
    );
    stream.append({ kind: 'stream.close' });
    expect((await sidecar.putSegment(stream.seal())).status).toBe(200);
    await installation.sequencers.shift()?.close();
    await installation.startSequencer();
    await installation.leading();
    expect(await installation.vkey()).toBe(first);
    const { report, findings: all } = await verifyBucket(installation.store, first);
    expect(all.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(report.verdict).toBe('verified');
  });
});

describe('the Secret', () => {
  test('keeps the first key for verifiers when the log lives in KMS from the start', async () => {
    const secrets = createMemorySecrets();
    const [first, second] = [fresh(), fresh()];
    const before = await loadLogKeys({ secrets, cluster: 'test', remote: [first.signing] });
    expect(before.first()).toBe(first.vkey);
    const after = await loadLogKeys({ secrets, cluster: 'test', remote: [second.signing] });
    expect(after.first()).toBe(first.vkey);
    expect(after.current().map(({ vkey }) => vkey)).toEqual([second.vkey]);
  });

  test('that holds a key leads over to KMS as to any newer key', async () => {
    const secrets = createMemorySecrets();
    const local = await loadLogKeys({ secrets, cluster: 'test', remote: [] });
    const kms = fresh();
    const both = await loadLogKeys({ secrets, cluster: 'test', remote: [kms.signing] });
    expect(both.current().map(({ vkey }) => vkey)).toEqual([local.first(), kms.vkey]);
  });
});
