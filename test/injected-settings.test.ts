/** What the webhook writes is what sidecar and netguard read: neither side may change a variable alone. */
import { describe, expect, test } from '@jest/globals';
import { createSettingsReader, type Environment } from '@tachograph/service';
import { examplePod, injected, type InjectedContainer } from '../packages/inject/src/testing/example-pod.ts';
import { contextWith } from '../packages/inject/src/testing/example-settings.ts';
import { readNetguardSettings } from '../packages/sidecar/src/netguard/settings.ts';
import { listenerPorts } from '../packages/sidecar/src/netguard/rules.ts';
import { readSettings } from '../packages/sidecar/src/settings.ts';

const pod = injected(
  examplePod({
    metadata: {
      annotations: {
        'tachograph.dev/ports': '8080,9090',
        'tachograph.dev/paths': '/mcp,/v2',
        'tachograph.dev/passthrough': 'GET /ui/*,POST /hook',
        'tachograph.dev/health-paths': '/healthz',
        'tachograph.dev/durability': 'archive',
      },
    },
    container: {
      livenessProbe: { httpGet: { path: '/live', port: 8080, httpHeaders: [{ name: 'a', value: 'b' }] } },
      readinessProbe: { tcpSocket: { port: 9090 } },
      startupProbe: { grpc: { port: 8080, service: 's' } },
    },
  }),
  contextWith({ hosts: ['mcp.example.com'] }),
).pod;

/** What the container would see; the downward API's values are made up. */
function environmentOf(container: InjectedContainer | undefined): Environment {
  return Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value ?? `value of ${name}`]));
}

const [sidecar, netguard] = pod.spec.initContainers;
const nothingToRead = (): string => {
  throw new Error('no file is named');
};
const settings = readSettings(createSettingsReader(environmentOf(sidecar)), nothingToRead);
const guard = readNetguardSettings(createSettingsReader(environmentOf(netguard)));

describe('the sidecar reads', () => {
  test('where the credential towards the server is, and whose', () => {
    const crm = injected(examplePod({ metadata: { annotations: { 'tachograph.dev/workload': 'crm' } } })).pod;
    const reader = createSettingsReader(environmentOf(crm.spec.initContainers[0]));
    expect(readSettings(reader, nothingToRead).credential).toEqual({
      file: '/var/run/secrets/tachograph-upstream/credential',
      mounted: { name: 'crm-api', key: 'token' },
    });
    expect(settings.credential).toEqual({ file: undefined, mounted: undefined });
  });

  test('a listener per port and origin, where netguard redirects to', () => {
    const expected = guard.rules.ports.flatMap((appPort, index) => {
      const { network, forwarded, inPod } = listenerPorts(index);
      return [
        { origin: 'network', host: '::', port: network, appPort },
        { origin: 'port-forward', host: '::', port: forwarded, appPort },
        { origin: 'in-pod', host: '::', port: inPod, appPort },
      ];
    });
    expect(settings.listen).toEqual(expected);
    expect(guard.rules.ports).toEqual([8080, 9090]);
  });

  test('who it is, and whom it may believe', () => {
    expect(settings.audience).toBe('tachograph://example/team-a/mcp-0');
    expect(settings.recorder).toMatchObject({
      durability: 'archive',
      quotaBytes: 256 * 1024 * 1024,
      controller: { url: 'https://tachograph-controller.tachograph.svc:8443', trust: `sha256:${'ab'.repeat(32)}` },
    });
    expect(settings.hosts).toContain('mcp.example.com');
  });

  test('the paths of the annotations', () => {
    expect([...settings.call.mcpPaths]).toEqual(['/mcp', '/v2']);
    expect([...settings.call.healthPaths]).toEqual(['/healthz']);
    expect(settings.call.passthrough).toEqual([
      { method: 'GET', path: '/ui/', prefix: true },
      { method: 'POST', path: '/hook', prefix: false },
    ]);
  });

  test('the probes, at the port where the kubelet asks for them', () => {
    expect(settings.probes).toMatchObject({
      server: {
        liveness: { type: 'http', port: 8080, path: '/live', headers: { a: 'b' } },
        readiness: { type: 'tcp', port: 9090 },
        startup: { type: 'grpc', port: 8080, service: 's' },
      },
    });
    expect(settings.probeListen?.port).toBe(15_100);
    expect(settings.admin.port).toBe(15_101);
    expect(pod.spec.containers[0]).toMatchObject({
      livenessProbe: { httpGet: { path: '/probe/server/liveness', port: settings.probeListen?.port } },
    });
  });
});

test('sidecar and netguard share the nonce, and netguard knows the sidecar by its UID', () => {
  expect(guard.nonce).toBe(settings.call.nonce);
  expect(guard.rules.sidecarUid).toBe(sidecar?.securityContext.runAsUser);
  expect(guard.rules.hostUid).toBe(0);
});
