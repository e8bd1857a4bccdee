import { describe, expect, test } from '@jest/globals';
import { createSettingsReader, type Environment } from '@tachograph/service';
import { parseListen } from './listen-setting.ts';
import { parsePassthrough, readSettings, type SidecarSettings } from './settings.ts';

const policy = JSON.stringify({
  v: 1,
  workload: 'tachograph://c/n/w',
  version: 1,
  issuedAt: '2026-01-01T00:00:00Z',
  notAfter: '2099-01-01T00:00:00Z',
  default: 'deny',
  rules: [],
  masking: {},
  durabilityFloor: 'process',
});
const local = { TACHO_CONTROLLER: 'off', TACHO_SPOOL: '/spool', TACHO_POLICY: 'policy', TACHO_OFF: 'identity' };
const pod = {
  TACHO_CONTROLLER: 'https://controller:8443',
  TACHO_TRUST: `sha256:${'0'.repeat(64)}`,
  TACHO_TOKEN_FILE: '/var/run/secrets/tachograph/token',
  TACHO_SPOOL: '/spool',
};

function read(environment: Environment): SidecarSettings {
  return readSettings(createSettingsReader(environment), (path) => {
    if (path === 'policy') return policy;
    if (path === 'broken') return '{';
    throw new Error('no such file');
  });
}

describe('settings', () => {
  test('without a cluster need little', () => {
    expect(read(local)).toMatchObject({
      listen: [{ origin: 'network', host: '127.0.0.1', port: 15_001 }],
      upstreams: ['http://auto'],
      audience: 'tachograph://local/default/local',
    });
  });

  test('take the workload by name or by its URI, as the webhook writes it', () => {
    const named = { ...pod, TACHO_CLUSTER: 'c1', TACHO_NAMESPACE: 'team-a' };
    const uri = 'tachograph://c1/team-a/search';
    expect(read({ ...named, TACHO_WORKLOAD: 'search' }).audience).toBe(uri);
    expect(read({ ...named, TACHO_WORKLOAD: uri })).toMatchObject({
      audience: uri,
      recorder: { workload: { workload: 'search' } },
    });
  });

  test.each([
    ['TACHO_LISTEN', { ...local, TACHO_LISTEN: 'somewhere' }],
    ['TACHO_LISTEN', { ...local, TACHO_LISTEN: 'moon=[::]:1' }],
    ['TACHO_UPSTREAM', { ...local, TACHO_UPSTREAM: 'https://app:1' }],
    ['TACHO_OFF', { ...local, TACHO_OFF: 'everything' }],
    ['TACHO_POLICY', { ...local, TACHO_POLICY: '' }],
    ['TACHO_POLICY', { ...local, TACHO_POLICY: 'broken' }],
    ['TACHO_POLICY', { ...local, TACHO_POLICY: 'missing' }],
    ['TACHO_ISSUERS', { ...local, TACHO_OFF: '' }],
    ['TACHO_PASSTHROUGH', { ...local, TACHO_PASSTHROUGH: '/assets' }],
    ['TACHO_PROBES', { ...local, TACHO_PROBES: '[]' }],
    ['TACHO_OFF', { ...pod, TACHO_OFF: 'policy' }],
    ['TACHO_POLICY', { ...pod, TACHO_POLICY: 'policy' }],
    ['TACHO_ISSUERS', { ...pod, TACHO_ISSUERS: 'policy' }],
  ])('stop the process with a bad %s', (name, environment) => {
    expect(() => read(environment)).toThrow(new RegExp(`^setting ${name} `));
  });
});

test('a listener names its origin and the port behind it', () => {
  expect(parseListen('network=[::]:15001:8080, port-forward=0.0.0.0:15002,localhost:0')).toEqual([
    { origin: 'network', host: '::', port: 15_001, appPort: 8080 },
    { origin: 'port-forward', host: '0.0.0.0', port: 15_002 },
    { origin: 'network', host: 'localhost', port: 0 },
  ]);
  expect(parseListen('[::]:70000')).toBeUndefined();
});

test('a pass-through entry is a method and a path, exact or a prefix', () => {
  expect(parsePassthrough('GET /a, POST /b/*')).toEqual([
    { method: 'GET', path: '/a', prefix: false },
    { method: 'POST', path: '/b/', prefix: true },
  ]);
  for (const bad of ['GET', 'get /a', 'GET a', 'GET /a*b', '* /a', 'GET /a,'])
    expect(parsePassthrough(bad)).toBeUndefined();
});
