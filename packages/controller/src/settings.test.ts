import { describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSettingsReader } from '@tachograph/service';
import { enrol } from './enroll.ts';
import { parseHostPort, readControllerSettings, readSequencerSettings } from './settings.ts';

const local = { TACHO_STATE: '/state', TACHO_CLUSTER: 'demo', TACHO_BUCKET: 'gs://archive' };
const inCluster = { TACHO_NAMESPACE: 'system', TACHO_CLUSTER: 'demo', TACHO_BUCKET: 'gs://archive' };

describe('settings', () => {
  test('stay on loopback with a state directory', () => {
    expect(readControllerSettings(createSettingsReader(local))).toMatchObject({
      place: { kind: 'state', dir: '/state' },
      listen: { host: '127.0.0.1', port: 8443 },
      admin: { host: '127.0.0.1', port: 9443 },
      sequencers: ['https://127.0.0.1:8444'],
    });
  });

  test('name Services and callers in a cluster', () => {
    expect(readControllerSettings(createSettingsReader(inCluster))).toMatchObject({
      listen: { host: '::', port: 8443 },
      sequencers: ['https://tachograph-sequencer.system.svc:8444'],
      components: ['system:serviceaccount:system:tachograph-injector'],
    });
    expect(readSequencerSettings(createSettingsReader(inCluster))).toMatchObject({
      components: ['system:serviceaccount:system:tachograph-controller'],
      times: { checkpointIntervalMs: 60_000 },
    });
  });

  test.each([
    ['TACHO_CLUSTER', 'Demo'],
    ['TACHO_LISTEN', '8443'],
    ['TACHO_SEQUENCER', 'http://127.0.0.1:8444'],
    ['TACHO_DURABILITY_FLOOR', 'none'],
  ])('refuse %s=%s by name', (name, value) => {
    const reader = createSettingsReader({ ...local, [name]: value });
    expect(() => readControllerSettings(reader)).toThrow(new RegExp(`setting ${name} is "${value}"; expected`));
  });

  test.each([
    [{ TACHO_POD_IP: '10.0.0.7' }, 'https://10.0.0.7:8444'],
    [{ TACHO_POD_IP: 'fd00:10:200::7' }, 'https://[fd00:10:200::7]:8444'],
    [{ TACHO_POD_IP: '10.0.0.7', TACHO_LISTEN: '[::]:9000' }, 'https://10.0.0.7:9000'],
    [{ TACHO_POD_IP: '10.0.0.7', TACHO_ADVERTISE: 'https://here:1' }, 'https://here:1'],
    [{}, undefined],
  ])('a sequencer with %j is reached at %s', (environment, advertise) => {
    expect(readSequencerSettings(createSettingsReader({ ...local, ...environment })).advertise).toBe(advertise);
  });

  test('refuse a pod address that is none', () => {
    const reader = createSettingsReader({ ...local, TACHO_POD_IP: '[::1]' });
    expect(() => readSequencerSettings(reader)).toThrow(/setting TACHO_POD_IP is "\[::1\]"; expected an IP address/);
  });

  test.each([
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:8443', { host: '::1', port: 8443 }],
    ['::1:8443', undefined],
    ['host:70000', undefined],
    ['host', undefined],
  ])('an address %s is %j', (text, address) => {
    expect(parseHostPort(text)).toEqual(address);
  });
});

describe('enroll', () => {
  test('gives one workload one token, however often, that only its owner reads', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tachograph-enrol-'));
    const environment = { TACHO_STATE: dir, TACHO_CLUSTER: 'demo' };
    const facts = await enrol(['--workload', 'store', '--namespace', 'team-a'], environment);
    expect(facts).toMatchObject({
      workload: 'tachograph://demo/team-a/store',
      trust: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      controller: 'https://127.0.0.1:8443',
    });
    expect((await stat(facts.tokenFile)).mode & 0o777).toBe(0o600);
    const token = await readFile(facts.tokenFile, 'utf8');
    expect(await enrol(['--workload', 'store', '--namespace', 'team-a'], environment)).toEqual(facts);
    expect(await readFile(facts.tokenFile, 'utf8')).toBe(token);
    const other = await enrol(['--workload', 'other'], environment);
    expect(await readFile(other.tokenFile, 'utf8')).not.toBe(token);
    expect(other.trust).toBe(facts.trust);
    await rm(dir, { recursive: true });
  });

  test.each([[['--workload', '../x']], [[]], [['--workload', 'A']]])('refuses %j', async (args) => {
    await expect(enrol(args, { TACHO_STATE: '/nowhere', TACHO_CLUSTER: 'demo' })).rejects.toMatchObject({
      code: 'setting_invalid',
    });
  });

  test('is for state directories only', async () => {
    await expect(enrol(['--workload', 'x'], { TACHO_CLUSTER: 'demo' })).rejects.toMatchObject({
      code: 'setting_invalid',
    });
  });
});
