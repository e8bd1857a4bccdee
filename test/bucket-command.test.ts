/** `tacho bucket` against the emulator, over real HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmulatorServer, startEmulator } from '@tachograph/gcs-emulator';
import { type CliResult, runCli } from '../packages/cli/src/testing/run-cli.ts';

let gcs: EmulatorServer;
let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tachograph-bucket-'));
  gcs = await startEmulator({ dataDir, clock: Date.now });
});
afterAll(async () => {
  await gcs.close();
  await rm(dataDir, { recursive: true, force: true });
});

const accounts = ['controller', 'sequencer', 'legal-hold', 'purger'].flatMap((part) => [
  `--${part}-account`,
  `${part}@p.iam.gserviceaccount.com`,
]);
const ordered = ['--location', 'EUROPE-WEST4', '--retention', '7y', '--project', 'p'];
const tacho = async (name: string, verb: string, ...more: string[]): Promise<CliResult> =>
  runCli(['bucket', verb, '--bucket', `gs://${name}`, '--endpoint', gcs.url, ...ordered, ...more]);
const api = async (path: string, method: string, body?: object): Promise<Response> =>
  fetch(`${gcs.url}/storage/v1/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const patch = async (name: string, body: object): Promise<void> => {
  expect((await api(`b/${name}`, 'PATCH', body)).status).toBe(200);
};

test('init makes and locks what check then finds as wanted, access included', async () => {
  const key = ['--kms-key', 'projects/p/locations/l/keyRings/r/cryptoKeys/k'];
  const made = await tacho('whole', 'init', ...accounts, ...key, '--lock', '--yes-lock');
  expect([made.code, made.err]).toEqual([0, '']);
  const checked = await tacho('whole', 'check', ...accounts, ...key, '--lock');
  expect(checked.out).not.toContain('WRONG');
  expect(checked.code).toBe(0);
  const again = await tacho('whole', 'init', ...accounts, ...key, '--lock', '--yes-lock', '--json');
  const { steps } = JSON.parse(again.out) as { steps: { kind: string }[] };
  expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['kept']));
});

test('a dry run makes nothing, and prints the same as gcloud and as Terraform', async () => {
  const { code, out } = await tacho('only-said', 'init', ...accounts, '--lock', '--dry-run');
  expect(code).toBe(0);
  expect(out).toContain('gcloud storage buckets update gs://only-said --lock-retention-period');
  expect(out).toContain('resource "google_storage_bucket" "archive"');
  expect((await api('b/only-said', 'GET')).status).toBe(404);
});

test('a dry run needs no bucket that answers', async () => {
  const nobody = ['--bucket', 'gs://far-away', '--endpoint', 'http://127.0.0.1:1'];
  const { code, out, err } = await runCli(['bucket', 'init', ...nobody, '--dry-run', ...ordered]);
  expect([code, err]).toEqual([0, expect.stringContaining('what follows is for a new one')]);
  expect(out).toContain('gs://far-away');
});

const lifecycle = (condition: object): object => ({
  lifecycle: { rule: [{ action: { type: 'Delete' }, condition }] },
});

describe('check', () => {
  beforeAll(async () => {
    await tacho('sound', 'init', ...accounts, '--lock', '--yes-lock');
  });

  test.each<[string, object, number, string]>([
    ['versioning', { versioning: { enabled: false } }, 1, 'Versioning is off'],
    ['uniform-access', { iamConfiguration: { uniformBucketLevelAccess: { enabled: false } } }, 1, 'own ACL'],
    ['public-access-prevention', { iamConfiguration: { publicAccessPrevention: 'inherited' } }, 1, 'to everybody'],
    ['retention', { retentionPolicy: { retentionPeriod: '86400' } }, 1, 'only, wanted at least 220903200 s'],
    ['lifecycle-scope', lifecycle({ age: 9000, matchesPrefix: ['v1/'] }), 1, 'rule deletes under v1/:'],
    ['lifecycle-scope', lifecycle({ age: 9000 }), 1, 'rule deletes in the whole bucket'],
    ['lifecycle-scope', lifecycle({ age: 9, matchesPrefix: ['v1/records/'] }), 1, 'rule deletes after 9 d'],
    ['lifecycle', { lifecycle: null }, 2, 'the bucket has no such rule'],
    ['soft-delete', { softDeletePolicy: { retentionDurationSeconds: '0' } }, 2, 'restored for 0 s only'],
  ])('names %s by its own sentence', async (setting, change, exitCode, sentence) => {
    const name = `bad-${setting}-${String(exitCode)}${sentence.length}`;
    await tacho(name, 'init');
    await patch(name, change);
    const { code, out } = await tacho(name, 'check', '--json');
    const { deviations } = JSON.parse(out) as { deviations: { setting: string; exitCode: number; sentence: string }[] };
    const found = deviations.find((one) => one.setting === setting);
    expect(found).toMatchObject({ exitCode, sentence: expect.stringContaining(sentence) });
    expect(code).toBe(exitCode);
  });

  test.each([
    ['lock', [], 1, 'not locked'],
    ['location', ['--location', 'US'], 2, 'make another bucket'],
    ['kms-key', ['--kms-key', 'projects/x'], 2, 'not under projects/x'],
  ])('names %s', async (setting, more, exitCode, sentence) => {
    const name = `unlike-${setting}`;
    await tacho(name, 'init');
    const lock = setting === 'lock' ? ['--lock'] : [];
    const { code, out } = await tacho(name, 'check', ...lock, ...more);
    expect([code, out]).toEqual([exitCode, expect.stringContaining(`${exitCode} ${setting}: `)]);
    expect(out).toContain(sentence);
  });

  test('names who is public, who is powerful, and whose access is missing', async () => {
    await tacho('shared', 'init');
    const bindings = [
      { role: 'roles/storage.objectViewer', members: ['allUsers'] },
      { role: 'roles/storage.objectAdmin', members: ['user:root@example.com'] },
      { role: 'projects/p/roles/mystery', members: ['user:x@example.com'] },
    ];
    await api('b/shared/iam', 'PUT', { bindings });
    const { code, out } = await tacho('shared', 'check', ...accounts);
    expect(code).toBe(1);
    expect(out).toContain('1 public-members: Everybody has access: allUsers (roles/storage.objectViewer).');
    expect(out).toContain(
      'user:root@example.com (roles/storage.objectAdmin), user:x@example.com (projects/p/roles/mystery)',
    );
    expect(out).toMatch(/2 bindings: .*missing: serviceAccount:controller@p\.iam/);
  });

  test('a bucket that is not there is 3', async () => {
    const { code, err } = await tacho('nowhere', 'check');
    expect([code, err]).toEqual([3, 'tacho: check nowhere: the bucket does not exist\n']);
  });
});

test('init adds bindings, leaves what others have, and says so', async () => {
  await tacho('inherited', 'init');
  const admin = { role: 'roles/storage.admin', members: ['user:root@example.com'] };
  await api('b/inherited/iam', 'PUT', { bindings: [admin] });
  const { code, out } = await tacho('inherited', 'init', ...accounts);
  expect(code).toBe(1);
  expect(out).toMatch(/powerful-members .*left/);
  const { bindings } = (await (await api('b/inherited/iam?optionsRequestedPolicyVersion=3', 'GET')).json()) as {
    bindings: object[];
  };
  expect(bindings).toHaveLength(7);
  expect(bindings[0]).toEqual(admin);
});

test('no account may hold two roles, and roles need a project', async () => {
  const same = ['--controller-account', 'a@p.iam', '--purger-account', 'a@p.iam'];
  expect(await tacho('never', 'init', ...same)).toMatchObject({ code: 64 });
  const { code, err } = await runCli(['bucket', 'init', '--bucket', 'gs://never', '--reader', 'a@p.iam']);
  expect([code, err]).toEqual([64, 'tacho: custom roles need --project or --role-project\n']);
});

test.each([
  ['writer', 'writer', 0, 'and nothing more'],
  ['reader', 'writer', 2, 'storage.objects.create'],
  ['objectAdmin', 'writer', 1, 'storage.objects.delete'],
  ['legalHold', 'legalHold', 0, 'and nothing more'],
  ['purger', 'legalHold', 1, 'storage.objects.delete'],
])('the credentials of a %s, checked as %s', async (role, as, code, words) => {
  await tacho('roles', 'init');
  await fetch(`${gcs.url}/emulator/iam`, {
    method: 'PUT',
    body: JSON.stringify({ principals: {}, anonymous: [{ role }] }),
  });
  const result = await tacho('roles', 'check', '--as', as);
  await fetch(`${gcs.url}/emulator/iam`, { method: 'DELETE' });
  expect([result.code, result.out]).toEqual([code, expect.stringContaining(words)]);
});
