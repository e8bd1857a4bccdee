import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatorServer, parseIamPolicy, startEmulator } from '@tachograph/gcs-emulator';
import {
  type ObjectEntry,
  type ObjectStore,
  type OpenStoreOptions,
  checkBucket,
  createDirectoryStore,
  ensureBucket,
  openStore,
  outlivingSettings,
  readBucketGrants,
  toCrc32c,
} from '@tachograph/store';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const impatient: OpenStoreOptions = { retry: { firstDelayMs: 1, maxDelayMs: 2 }, timeoutMs: 10_000 };

async function collect(entries: AsyncIterable<ObjectEntry>): Promise<ObjectEntry[]> {
  const all: ObjectEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

async function namesOf(entries: AsyncIterable<ObjectEntry>): Promise<string[]> {
  return (await collect(entries)).map((entry) => entry.name);
}

/** What every adapter promises. `open` gives a store that no other test writes to. */
function storeContract(adapter: string, open: () => Promise<ObjectStore>): void {
  describe(`${adapter} keeps the store contract`, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await open();
    });

    test('creates an object and reads the same bytes back', async () => {
      const created = await store.create('new/a', bytes('one'));
      expect(created.kind).toBe('created');
      expect(created.generation).toMatch(/^\d+$/);
      expect(Buffer.from((await store.get('new/a')) ?? []).toString()).toBe('one');
    });

    test('answers exists-equal with the first generation when the same bytes come again', async () => {
      const first = await store.create('again', bytes('same'));
      expect(await store.create('again', bytes('same'))).toEqual({
        kind: 'exists-equal',
        generation: first.generation,
      });
      expect(await collect(store.list('again', { versions: true }))).toHaveLength(1);
    });

    test('answers conflict and leaves the first bytes when others come', async () => {
      const first = await store.create('taken', bytes('mine'));
      expect(await store.create('taken', bytes('yours'))).toEqual({ kind: 'conflict', generation: first.generation });
      expect(Buffer.from((await store.get('taken')) ?? []).toString()).toBe('mine');
    });

    test('settles two writers of one name: one creates, the other conflicts', async () => {
      const outcomes = await Promise.all(['a', 'b'].map(async (text) => await store.create('race', bytes(text))));
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['conflict', 'created']);
    });

    test('reads nothing where nothing is', async () => {
      expect(await store.get('nowhere/at/all')).toBeUndefined();
      expect(await namesOf(store.list('nowhere/'))).toEqual([]);
    });

    test('reads a generation that a create answered', async () => {
      const { generation } = await store.create('by/generation', bytes('this one'));
      expect(Buffer.from((await store.get('by/generation', { generation })) ?? []).toString()).toBe('this one');
    });

    test('returns gzip bytes packed, as they were stored', async () => {
      const packed = gzipSync('{"v":1}\n');
      await store.create('dt=2026-11-21/x.jsonl.gz', packed, { contentType: 'application/gzip' });
      expect(Buffer.from((await store.get('dt=2026-11-21/x.jsonl.gz')) ?? [])).toEqual(packed);
    });

    test('keeps empty objects and objects above one request', async () => {
      const large = Buffer.alloc(8 * 1024 * 1024 + 1, 'tachograph');
      expect((await store.create('size/empty', bytes(''))).kind).toBe('created');
      expect((await store.create('size/large', large)).kind).toBe('created');
      expect((await store.get('size/empty'))?.byteLength).toBe(0);
      expect(Buffer.compare((await store.get('size/large')) ?? new Uint8Array(), large)).toBe(0);
    });

    test('lists by prefix, from an offset, in the order of UTF-8 bytes', async () => {
      const names = [
        'list/a-b',
        'list/a/b',
        'list/a0',
        'list/cluster=x/ä',
        'list/cluster=x/z',
        'list/\u{1F512}',
        'list/\uFFFD',
      ];
      for (const name of names) await store.create(name, bytes(name));
      const ordered = names.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
      expect(await namesOf(store.list('list/'))).toEqual(ordered);
      expect(await namesOf(store.list('list/cl'))).toEqual(['list/cluster=x/z', 'list/cluster=x/ä']);
      expect(await namesOf(store.list('list/', { startOffset: 'list/a0' }))).toEqual(ordered.slice(2));
    });

    test('names size and time of what it lists', async () => {
      const { generation } = await store.create('entry', bytes('12345'));
      const [entry] = await collect(store.list('entry'));
      expect(entry).toMatchObject({ name: 'entry', size: 5, generation });
      expect(entry?.timeCreated).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
      expect(entry?.noncurrent).toBeUndefined();
    });

    test('put replaces', async () => {
      await store.put('derived/checkpoint', bytes('1'));
      await store.put('derived/checkpoint', bytes('2'));
      expect(Buffer.from((await store.get('derived/checkpoint')) ?? []).toString()).toBe('2');
      expect(await namesOf(store.list('derived/'))).toEqual(['derived/checkpoint']);
    });

    test('refuses names that no store can keep', async () => {
      for (const name of ['', 'x'.repeat(1025), 'line\nbreak']) {
        await expect(store.create(name, bytes('x'))).rejects.toMatchObject({ code: 'invalid_name' });
      }
    });
  });
}

const directories: string[] = [];
async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tachograph-store-'));
  directories.push(path);
  return path;
}

let emulator: EmulatorServer;
beforeAll(async () => {
  emulator = await startEmulator({ dataDir: await temporaryDirectory(), clock: Date.now });
});
afterAll(async () => {
  await emulator.close();
  for (const path of directories) await rm(path, { recursive: true, force: true });
});

async function emulated(bucket: string, options: OpenStoreOptions = {}): Promise<ObjectStore> {
  await ensureBucket({ name: bucket, location: 'EU' }, { apiEndpoint: emulator.url });
  return openStore(`gs://${bucket}`, { apiEndpoint: emulator.url, ...impatient, ...options });
}

storeContract('a directory', async () => createDirectoryStore(await temporaryDirectory()));
storeContract('the emulator, through the Google client,', async () => await emulated('contract'));
storeContract('a prefix of a bucket', async () => {
  await emulated('shared');
  return openStore('gs://shared/team/a', { apiEndpoint: emulator.url, ...impatient });
});

test('STORAGE_EMULATOR_HOST alone leads the store to the emulator', async () => {
  await emulated('by-environment');
  process.env['STORAGE_EMULATOR_HOST'] = emulator.url;
  try {
    const store = openStore('gs://by-environment', impatient);
    expect((await store.create('a/b', bytes('x'))).kind).toBe('created');
    expect((await store.create('a/large', Buffer.alloc(8 * 1024 * 1024 + 1))).kind).toBe('created');
    expect(await store.get('a/b')).toHaveLength(1);
    expect(await namesOf(store.list('a/'))).toEqual(['a/b', 'a/large']);
  } finally {
    delete process.env['STORAGE_EMULATOR_HOST'];
  }
});

const realBucket = process.env['TACHO_TEST_BUCKET'];
if (realBucket === undefined) {
  process.stdout.write('store contract on real GCS: skipped, TACHO_TEST_BUCKET is not set\n');
  // A visible skip: it needs a bucket and credentials.
  test.todo('real GCS keeps the store contract (set TACHO_TEST_BUCKET)');
} else {
  const run = `contract-${process.pid}-${performance.timeOrigin}`;
  storeContract('real GCS', async () => await Promise.resolve(openStore(`gs://${realBucket}/${run}`)));
}

async function inject(fault: object): Promise<void> {
  const answer = await fetch(`${emulator.url}/emulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
  expect(answer.status).toBe(200);
}

async function clearFaults(): Promise<void> {
  await fetch(`${emulator.url}/emulator/faults`, { method: 'DELETE' });
}

describe('exactly once on an unreliable network', () => {
  const small = bytes('segment');
  const large = Buffer.alloc(8 * 1024 * 1024 + 1, 7);

  test.each([
    ['one request', small],
    ['a resumable upload', large],
  ])('an answer dropped after the commit of %s leaves one generation', async (name, body) => {
    const store = await emulated('lost-answers');
    await inject({ kind: 'drop-after-commit', match: { bucket: 'lost-answers' } });
    expect((await store.create(name, body)).kind).toBe('exists-equal');
    expect(await collect(store.list(name, { versions: true }))).toHaveLength(1);
    expect(Buffer.compare((await store.get(name)) ?? bytes(''), body)).toBe(0);
  });

  test.each([
    ['429', { kind: 'status', status: 429, times: 2, match: { method: 'POST' } }],
    ['503', { kind: 'status', status: 503, times: 2, match: { method: 'POST' } }],
    ['a reset of the upload', { kind: 'reset', times: 2, match: { method: 'POST' } }],
    ['a reset of upload and reading back', { kind: 'reset', times: 3 }],
    ['a slow answer', { kind: 'slow', delayMs: 50 }],
  ])('%s before the commit is tried again, and one generation results', async (label, fault) => {
    const store = await emulated('flaky');
    await inject(fault);
    expect((await store.create(label, small)).kind).toBe('created');
    expect(await collect(store.list(label, { versions: true }))).toHaveLength(1);
    await clearFaults();
  });

  test('an upload slower than the time limit is settled by reading back', async () => {
    const store = await emulated('slow', { timeoutMs: 150 });
    await inject({ kind: 'slow', delayMs: 400, match: { method: 'POST', bucket: 'slow' } });
    expect((await store.create('late', small)).kind).toMatch(/^(created|exists-equal)$/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await collect(store.list('late', { versions: true }))).toHaveLength(1);
  });

  test('gives up as unavailable after bounded attempts, with waits that grow', async () => {
    const waits: number[] = [];
    const store = await emulated('down', {
      retry: {
        attempts: 4,
        firstDelayMs: 100,
        maxDelayMs: 300,
        random: () => 1,
        sleep: async (delayMs) => await Promise.resolve(waits.push(delayMs)).then(() => undefined),
      },
    });
    await inject({ kind: 'status', status: 503, times: 1000 });
    await expect(store.create('never', small)).rejects.toMatchObject({ name: 'StoreError', code: 'unavailable' });
    expect(waits).toEqual([100, 200, 300]);
    await clearFaults();
    expect(await store.get('never')).toBeUndefined();
  });

  test('bytes damaged at rest are a conflict, never overwritten and never taken as equal', async () => {
    const store = await emulated('damaged');
    const { generation } = await store.create('v1/records/a', small);
    await inject({ kind: 'corrupt-at-rest', match: { bucket: 'damaged', objectPrefix: 'v1/' } });
    expect(await store.create('v1/records/a', small)).toEqual({ kind: 'conflict', generation });
  });

  test('reads try again, and lists do', async () => {
    const store = await emulated('reads');
    await store.create('a', small);
    await inject({ kind: 'status', status: 503, match: { method: 'GET' } });
    expect(await store.get('a')).toHaveLength(small.length);
    await inject({ kind: 'reset', match: { method: 'GET' } });
    expect(await namesOf(store.list(''))).toEqual(['a']);
  });

  test('a bucket that does not exist is named as such', async () => {
    const store = openStore('gs://nobody-made-this', { apiEndpoint: emulator.url, ...impatient });
    await expect(store.create('a', small)).rejects.toMatchObject({ code: 'no_bucket' });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'no_bucket' });
    await expect(namesOf(store.list(''))).rejects.toMatchObject({ code: 'no_bucket' });
  });

  test('lists more than one page', async () => {
    const store = await emulated('pages');
    const names = Array.from({ length: 1005 }, (_, index) => `n${String(index).padStart(5, '0')}`);
    for (const name of names) await store.put(name, bytes(''));
    expect(await namesOf(store.list('n'))).toEqual(names);
  });
});

describe.each(['precondition-first', 'permission-first'] as const)(
  'a writer without delete, GCS answering %s',
  (overwriteCheck) => {
    let strict: EmulatorServer;
    let writer: ObjectStore;
    let admin: ObjectStore;
    beforeAll(async () => {
      const iam = parseIamPolicy({
        principals: {
          root: [{ role: 'admin' }],
          writer: [{ role: 'writer', objectPrefix: 'v1/records/' }, { role: 'objectViewer' }],
        },
        overwriteCheck,
      });
      strict = await startEmulator({ dataDir: await temporaryDirectory(), clock: Date.now, iam, buckets: ['locked'] });
      const open = (emulatorPrincipal: string): ObjectStore =>
        openStore('gs://locked', { apiEndpoint: strict.url, emulatorPrincipal, ...impatient });
      writer = open('writer');
      admin = open('root');
    });
    afterAll(async () => {
      await strict.close();
    });

    test('compares what holds the name', async () => {
      await writer.create('v1/records/a', bytes('a'));
      expect((await writer.create('v1/records/a', bytes('a'))).kind).toBe('exists-equal');
      expect((await writer.create('v1/records/a', bytes('b'))).kind).toBe('conflict');
    });

    test('is denied outside its prefix, and cannot replace', async () => {
      await expect(writer.create('v1/log/batch/0', bytes('a'))).rejects.toMatchObject({ code: 'denied' });
      await admin.create('v1/records/b', bytes('b'));
      await expect(writer.put('v1/records/b', bytes('c'))).rejects.toMatchObject({ code: 'denied' });
    });

    test('an unknown principal is denied', async () => {
      const stranger = openStore('gs://locked', { apiEndpoint: strict.url, emulatorPrincipal: 'x', ...impatient });
      await expect(stranger.create('v1/records/c', bytes('a'))).rejects.toMatchObject({ code: 'denied' });
      await expect(stranger.get('v1/records/a')).rejects.toMatchObject({ code: 'denied' });
    });
  },
);

describe('what outlives deletion', () => {
  test('is told by name: an archive keeps everything, a bucket of keys nothing', async () => {
    const connection = { apiEndpoint: emulator.url };
    await ensureBucket({ name: 'keeps', location: 'EU', retentionSeconds: 3600 }, connection);
    expect(await outlivingSettings('gs://keeps/here', connection)).toEqual([
      'versioning',
      'soft delete',
      'a retention policy',
    ]);
    const created = await fetch(`${emulator.url}/storage/v1/b?project=emulated`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'forgets', location: 'EU', softDeletePolicy: { retentionDurationSeconds: '0' } }),
    });
    expect(created.status).toBe(200);
    expect(await outlivingSettings('gs://forgets', connection)).toEqual([]);
    expect(await outlivingSettings('/a/directory')).toEqual([]);
    await expect(outlivingSettings('gs://absent', connection)).rejects.toMatchObject({ code: 'no_bucket' });
  });
});

describe('setting up buckets', () => {
  const wanted = { location: 'EUROPE-WEST4', retentionSeconds: 3600, lock: true, softDeleteSeconds: 864_000 };

  test('a dry run plans and makes nothing', async () => {
    const steps = await ensureBucket({ name: 'planned', ...wanted, dryRun: true }, { apiEndpoint: emulator.url });
    expect(steps.find((step) => step.setting === 'bucket')?.kind).toBe('planned');
    expect(steps.find((step) => step.setting === 'lock')?.kind).toBe('planned');
    await expect(checkBucket({ name: 'planned', ...wanted }, { apiEndpoint: emulator.url })).rejects.toMatchObject({
      code: 'no_bucket',
    });
  });

  test('creates, locks, and is content the second time', async () => {
    const connection = { apiEndpoint: emulator.url };
    const first = await ensureBucket({ name: 'archive', ...wanted }, connection);
    expect(first.filter((step) => step.kind === 'changed').map((step) => step.setting)).toEqual([
      'bucket',
      'uniform-access',
      'public-access-prevention',
      'versioning',
      'soft-delete',
      'retention',
      'lock',
      'lifecycle',
    ]);
    expect((await checkBucket({ name: 'archive', ...wanted }, connection)).every((finding) => finding.ok)).toBe(true);
    const second = await ensureBucket({ name: 'archive', ...wanted }, connection);
    expect(second.every((step) => step.kind === 'kept')).toBe(true);
  });

  test('tells who holds which role, conditions included', async () => {
    const connection = { apiEndpoint: emulator.url };
    const members = { roleProject: 'p', controller: 'serviceAccount:c@p.iam', readers: ['group:audit@example.com'] };
    await ensureBucket({ name: 'granted', ...wanted, lock: false, members }, connection);
    const grants = await readBucketGrants('granted', connection);
    expect(grants.map(({ role, member, condition }) => [role, member, condition !== undefined])).toEqual([
      ['projects/p/roles/tachographWriter', 'serviceAccount:c@p.iam', true],
      ['roles/storage.objectViewer', 'serviceAccount:c@p.iam', false],
      ['roles/storage.objectViewer', 'group:audit@example.com', false],
    ]);
    await expect(readBucketGrants('no-such-bucket', connection)).rejects.toMatchObject({ code: 'no_bucket' });
  });

  test('accepts more retention than wanted, and names what is too little', async () => {
    const connection = { apiEndpoint: emulator.url };
    await ensureBucket({ name: 'long', ...wanted, lock: false, retentionSeconds: 7200 }, connection);
    const findings = await checkBucket({ name: 'long', ...wanted }, connection);
    expect(findings.filter((finding) => !finding.ok)).toEqual([
      { setting: 'lock', ok: false, want: 'locked', got: 'unlocked' },
    ]);
    const longer = await checkBucket({ name: 'long', ...wanted, retentionSeconds: 9000 }, connection);
    expect(longer.find((finding) => finding.setting === 'retention')?.ok).toBe(false);
  });

  test('changes nothing when a setting can no longer be had', async () => {
    const connection = { apiEndpoint: emulator.url };
    await ensureBucket({ name: 'elsewhere', location: 'US' }, connection);
    const steps = await ensureBucket({ name: 'elsewhere', ...wanted }, connection);
    expect(steps.find((step) => step.setting === 'location')?.kind).toBe('refused');
    const findings = await checkBucket({ name: 'elsewhere', ...wanted }, connection);
    expect(findings.find((finding) => finding.setting === 'lock')?.ok).toBe(false);
    expect(findings.find((finding) => finding.setting === 'retention')?.ok).toBe(false);
  });
});

test('a locked, versioned bucket shows an overwrite as a noncurrent version whose bytes survive', async () => {
  const connection = { apiEndpoint: emulator.url };
  await ensureBucket({ name: 'worm', location: 'EU', retentionSeconds: 3600, lock: true }, connection);
  const store = openStore('gs://worm', { ...connection, ...impatient });
  const { generation } = await store.create('v1/a', bytes('original'));
  await store.put('v1/a', bytes('forged'));
  const versions = await collect(store.list('v1/a', { versions: true }));
  expect(versions.map((entry) => entry.noncurrent ?? false)).toEqual([true, false]);
  expect(Buffer.from((await store.get('v1/a', { generation })) ?? []).toString()).toBe('original');
});

test('an object that somebody stored with Content-Encoding gzip is read packed', async () => {
  const store = await emulated('foreign');
  const packed = gzipSync('plain');
  const path = '/upload/storage/v1/b/foreign/o?uploadType=media&name=z&contentEncoding=gzip';
  await fetch(emulator.url + path, { method: 'POST', body: packed });
  expect(Buffer.from((await store.get('z')) ?? [])).toEqual(packed);
  expect((await store.create('z', packed)).kind).toBe('exists-equal');
});

test('the checksum is that of RFC 3720', () => {
  expect(toCrc32c(new Uint8Array(32))).toBe(Buffer.from('8a9136aa', 'hex').toString('base64'));
  expect(toCrc32c(bytes('123456789'))).toBe(Buffer.from('e3069283', 'hex').toString('base64'));
});
