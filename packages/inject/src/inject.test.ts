import { describe, expect, test } from '@jest/globals';
import { injectPod } from './inject.ts';
import { environmentOf, examplePod, injected, refusalsOf } from './testing/example-pod.ts';
import { contextWith, exampleContext } from './testing/example-settings.ts';

const nonceOf = (nonceKey: string): string | undefined =>
  environmentOf(injected(examplePod(), contextWith({ nonceKey })).pod.spec.initContainers[0])['TACHO_NONCE'];
const owner = (kind: string, name: string): object => ({
  kind,
  name,
  controller: true,
  apiVersion: 'apps/v1',
  uid: 'u',
});
const portsOf = (...list: object[]): readonly string[] => refusalsOf(examplePod({ container: { ports: list } }));
const probeTable = (pod: unknown): unknown => {
  const text = environmentOf(injected(pod).pod.spec.initContainers[0])['TACHO_PROBES'];
  return JSON.parse(text ?? '');
};

const hostsOf = (hosts: readonly string[]): string | undefined =>
  environmentOf(injected(examplePod(), contextWith({ hosts })).pod.spec.initContainers[0])['TACHO_HOSTS'];

describe('the injected pod', () => {
  test('starts the sidecar first, then netguard, then the rest', () => {
    const { pod } = injected(examplePod({ spec: { initContainers: [{ name: 'migrate', image: 'm' }] } }));
    expect(pod.spec.initContainers.map(({ name }) => name)).toEqual(['tachograph', 'tachograph-netguard', 'migrate']);
    expect(pod.spec.initContainers[0]).toMatchObject({
      restartPolicy: 'Always',
      startupProbe: { httpGet: { path: '/healthz', port: 15_101 } },
    });
    expect(pod.spec.initContainers[1]?.['restartPolicy']).toBeUndefined();
  });

  test('has a sidecar without any privilege and a netguard with one', () => {
    const [sidecar, netguard] = injected(examplePod()).pod.spec.initContainers;
    expect(sidecar?.securityContext).toEqual({
      runAsUser: sidecar?.securityContext.runAsUser,
      runAsGroup: sidecar?.securityContext.runAsUser,
      runAsNonRoot: true,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(netguard?.securityContext).toMatchObject({
      runAsUser: 0,
      runAsNonRoot: false,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  test('listens per port and origin', () => {
    const { pod, status } = injected(
      examplePod({ metadata: { annotations: { 'tachograph.dev/ports': '8080, 9090' } } }),
    );
    expect(environmentOf(pod.spec.initContainers[0])['TACHO_LISTEN']).toBe(
      'network=[::]:15001:8080,port-forward=[::]:15002:8080,in-pod=[::]:15003:8080,' +
        'network=[::]:15011:9090,port-forward=[::]:15012:9090,in-pod=[::]:15013:9090',
    );
    expect(environmentOf(pod.spec.initContainers[1])).toMatchObject({ TACHO_PORTS: '8080,9090', TACHO_HOST_UID: '0' });
    expect(status.ports).toEqual([8080, 9090]);
  });

  test.each([
    ['root', { runAsUser: 0 }],
    ['of whoever the image says', {}],
  ])('does not call a loopback connection port-forward beside a container %s', (_name, securityContext) => {
    const { pod } = injected(examplePod({ container: { securityContext } }));
    expect(environmentOf(pod.spec.initContainers[0])['TACHO_LISTEN']).toContain('loopback-root=[::]:15002');
  });

  test('believes runAsNonRoot', () => {
    const { pod } = injected(examplePod({ container: { securityContext: { runAsNonRoot: true } } }));
    expect(environmentOf(pod.spec.initContainers[0])['TACHO_LISTEN']).toContain('port-forward=[::]:15002');
  });

  test('knows the node’s root as 65534 in a user namespace', () => {
    const spec = { hostUsers: false };
    const { pod } = injected(examplePod({ spec }));
    expect(environmentOf(pod.spec.initContainers[1])['TACHO_HOST_UID']).toBe('65534');
    const nobody = injected(examplePod({ spec, container: { securityContext: { runAsUser: 65_534 } } }));
    expect(environmentOf(nobody.pod.spec.initContainers[0])['TACHO_LISTEN']).toContain('loopback-root=');
  });

  test('takes the capabilities with which a container could pass, and keeps the rest of its context', () => {
    const securityContext = { runAsUser: 1000, capabilities: { add: ['CHOWN'], drop: ['NET_RAW', 'MKNOD'] } };
    expect(injected(examplePod({ container: { securityContext } })).pod.spec.containers[0]?.securityContext).toEqual({
      runAsUser: 1000,
      allowPrivilegeEscalation: false,
      capabilities: { add: ['CHOWN'], drop: ['NET_RAW', 'MKNOD', 'SETUID', 'SETGID'] },
    });
  });

  test('answers for the host names of the installation, and names none where there are none', () => {
    expect([hostsOf(['mcp.example.com', '*.tools.example.com']), hostsOf([])]).toEqual([
      'mcp.example.com,*.tools.example.com',
      undefined,
    ]);
  });

  test('gives the volume a quarter more than the quota, and requests the same', () => {
    const { pod } = injected(examplePod());
    expect(pod.spec.volumes[0]).toEqual({ name: 'tachograph-spool', emptyDir: { sizeLimit: '320Mi' } });
    expect(pod.spec.initContainers[0]).toMatchObject({ resources: { requests: { 'ephemeral-storage': '320Mi' } } });
  });

  test('has a UID of its own that no container declares', () => {
    const first = injected(examplePod()).pod.spec.initContainers[0]?.securityContext.runAsUser ?? 0;
    expect(first).toBeGreaterThanOrEqual(20_000);
    const clash = examplePod({ container: { securityContext: { runAsUser: first } } });
    expect(injected(clash).pod.spec.initContainers[0]?.securityContext.runAsUser).toBe(first + 1);
  });

  test('has the same nonce for the same pod, another for another key, and never the key', () => {
    expect(nonceOf('one')).toBe(nonceOf('one'));
    expect(nonceOf('one')).not.toBe(nonceOf('two'));
    expect(JSON.stringify(injected(examplePod()).pod)).not.toContain(exampleContext.settings.nonceKey);
  });
});

describe('the workload', () => {
  test('of a Deployment’s pod is the Deployment', () => {
    const metadata = {
      generateName: 'mcp-5f7c9d-',
      labels: { 'tachograph.dev/mcp-server': 'true', 'pod-template-hash': '5f7c9d' },
      ownerReferences: [owner('ReplicaSet', 'mcp-5f7c9d')],
    };
    expect(injected(examplePod({ metadata })).status.workload).toBe('mcp');
  });

  test('is the annotation, the owner, or the pod, in this order', () => {
    const ownerReferences = [owner('StatefulSet', 'store')];
    const annotations = { 'tachograph.dev/workload': 'named' };
    expect(injected(examplePod({ metadata: { ownerReferences, annotations } })).status.workload).toBe('named');
    expect(injected(examplePod({ metadata: { ownerReferences } })).status.workload).toBe('store');
    expect(injected(examplePod()).status.workload).toBe('mcp-0');
  });

  test('does not change when a generated name appears', () => {
    const before = injected(examplePod({ metadata: { name: undefined, generateName: 'run-' } })).status;
    expect(injected(examplePod({ metadata: { name: 'run-x7k2p', generateName: 'run-' } })).status).toEqual(before);
    expect(before.workload).toBe('run');
  });

  test('that no URI can carry is refused', () => {
    expect(refusalsOf(examplePod({ metadata: { annotations: { 'tachograph.dev/workload': 'a/b' } } }))).toEqual([
      'workload_invalid',
    ]);
  });
});

describe('selection', () => {
  test('skips a pod without label and one labelled false, and refuses any other value', () => {
    expect(injectPod(examplePod({ metadata: { labels: {} } }), exampleContext)).toEqual({
      kind: 'skipped',
      reason: 'not_labelled',
    });
    const off = examplePod({ metadata: { labels: { 'tachograph.dev/mcp-server': 'false' } } });
    expect(injectPod(off, exampleContext)).toEqual({ kind: 'skipped', reason: 'labelled_false' });
    expect(refusalsOf(examplePod({ metadata: { labels: { 'tachograph.dev/mcp-server': 'True' } } }))).toEqual([
      'label_value',
    ]);
  });

  test('takes the port named mcp, else the only one, else refuses', () => {
    expect(portsOf({ containerPort: 8080 }, { containerPort: 9090, name: 'mcp' })).toEqual([]);
    expect(portsOf({ containerPort: 8080 }, { containerPort: 9090 })).toEqual(['ports_ambiguous']);
    expect(portsOf()).toEqual(['ports_missing']);
    expect(portsOf({ containerPort: 15_050 })).toEqual(['port_reserved', 'port_reserved']);
  });

  test.each(['', '0', '70000', '8080,x', '80 80'])('refuses the ports annotation %j', (text) => {
    expect(refusalsOf(examplePod({ metadata: { annotations: { 'tachograph.dev/ports': text } } }))).toEqual([
      'ports_invalid',
    ]);
  });

  test('warns where the cluster’s names may not resolve', () => {
    expect(injected(examplePod({ spec: { dnsPolicy: 'ClusterFirst' } })).warnings).toEqual([]);
    expect(injected(examplePod({ spec: { dnsPolicy: 'None' } })).warnings[0]).toMatch(/^dnsPolicy None: /);
  });

  test('raises durability to the namespace’s floor and says so', () => {
    const pod = examplePod({ metadata: { annotations: { 'tachograph.dev/durability': 'process' } } });
    const context = { ...exampleContext, namespace: { name: 'team-a', durabilityFloor: 'archive' as const } };
    const result = injected(pod, context);
    expect(environmentOf(result.pod.spec.initContainers[0])['TACHO_DURABILITY']).toBe('archive');
    expect(result.warnings).toEqual(['durability process raised to archive']);
  });
});

const withVolumes = (...volumes: object[]): object => ({ spec: { volumes } });
const withContext = (securityContext: object): object => ({
  container: { securityContext: { runAsUser: 1000, ...securityContext } },
});

describe('a way around the recorder is refused', () => {
  test.each([
    ['host_network', { spec: { hostNetwork: true } }],
    ['host_pid', { spec: { hostPID: true } }],
    ['share_process_namespace', { spec: { shareProcessNamespace: true } }],
    ['os_windows', { spec: { os: { name: 'windows' } } }],
    ['runtime_class', { spec: { runtimeClassName: 'gvisor' } }],
    ['host_path', withVolumes({ name: 'v', hostPath: { path: '/var/run' } })],
    ['volume_reserved', withVolumes({ name: 'tachograph-spool', emptyDir: {} })],
    [
      'audience_reserved',
      withVolumes({
        name: 'v',
        projected: { sources: [{ serviceAccountToken: { audience: 'tachograph-controller', path: 't' } }] },
      }),
    ],
    ['volume_mounted', { container: { volumeMounts: [{ name: 'tachograph-token', mountPath: '/t' }] } }],
    ['name_reserved', { spec: { initContainers: [{ name: 'tachograph', image: 'evil' }] } }],
    [
      'name_reserved',
      { spec: { containers: [{ name: 'tachograph-netguard', image: 'evil', ports: [{ containerPort: 1 }] }] } },
    ],
    ['privileged', withContext({ privileged: true })],
    ['capability_added', withContext({ capabilities: { add: ['SETUID'] } })],
    ['capability_added', withContext({ capabilities: { add: ['cap_sys_ptrace'] } })],
    ['capability_added', withContext({ capabilities: { add: ['ALL'] } })],
    ['proc_mount', withContext({ procMount: 'Unmasked' })],
    ['mode_unavailable', { metadata: { annotations: { 'tachograph.dev/mode': 'takeover' } } }],
    ['mode_unknown', { metadata: { annotations: { 'tachograph.dev/mode': 'off' } } }],
    ['static_pod', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } }],
    ['annotation_invalid', { metadata: { annotations: { 'tachograph.dev/paths': 'mcp' } } }],
    ['annotation_invalid', { metadata: { annotations: { 'tachograph.dev/durability': 'none' } } }],
    ['probe_dangling', { container: { livenessProbe: { httpGet: { path: '/probe/server/liveness', port: 15_100 } } } }],
  ])('%s', (code, parts) => {
    expect(refusalsOf(examplePod(parts))).toContain(code);
  });

  test('with every reason, not only the first', () => {
    const spec = { hostNetwork: true, hostPID: true };
    expect(refusalsOf(examplePod({ spec, container: { ports: [] } }))).toEqual([
      'host_network',
      'host_pid',
      'ports_missing',
    ]);
  });

  test('an undeclared user only where the installation asks for it', () => {
    const pod = examplePod({ container: { securityContext: {} } });
    expect(refusalsOf(pod)).toEqual([]);
    expect(refusalsOf(pod, contextWith({ requireRunAsUser: true }))).toEqual(['user_undeclared']);
  });

  test('a RuntimeClass is accepted once it is listed', () => {
    const pod = examplePod({ spec: { runtimeClassName: 'kata-nft' } });
    expect(refusalsOf(pod, contextWith({ runtimeClasses: ['kata-nft'] }))).toEqual([]);
  });

  test.each([
    null,
    7,
    [],
    {},
    { metadata: {}, spec: { containers: 'x' } },
    { metadata: {}, spec: { containers: [{}] } },
  ])('what is no pod: %j', (value) => {
    expect(refusalsOf(value)).toEqual(['pod_invalid']);
  });
});

describe('probes', () => {
  test('that dial an MCP port dial the sidecar, which knows the exact request', () => {
    const pod = examplePod({
      container: {
        ports: [{ containerPort: 8080, name: 'mcp' }],
        livenessProbe: {
          httpGet: { path: '/live', port: 'mcp', httpHeaders: [{ name: 'x', value: 'y' }] },
          periodSeconds: 7,
        },
        readinessProbe: { tcpSocket: { port: 8080 } },
        startupProbe: { grpc: { port: 8080, service: 's' } },
        lifecycle: {
          preStop: { httpGet: { path: '/stop', port: 8080, scheme: 'HTTPS' } },
          postStart: { exec: { command: ['a'] } },
        },
      },
    });
    const [container] = injected(pod).pod.spec.containers;
    expect(container).toMatchObject({
      livenessProbe: { httpGet: { path: '/probe/server/liveness', port: 15_100, scheme: 'HTTP' }, periodSeconds: 7 },
      readinessProbe: { httpGet: { path: '/probe/server/readiness', port: 15_100 } },
      startupProbe: { httpGet: { path: '/probe/server/startup', port: 15_100 } },
      lifecycle: {
        preStop: { httpGet: { path: '/probe/server/preStop', port: 15_100 } },
        postStart: { exec: { command: ['a'] } },
      },
    });
    expect(container?.['readinessProbe']).not.toHaveProperty('tcpSocket');
    expect(probeTable(pod)).toEqual({
      server: {
        liveness: { type: 'http', port: 8080, path: '/live', scheme: 'HTTP', headers: { x: 'y' } },
        readiness: { type: 'tcp', port: 8080 },
        startup: { type: 'grpc', port: 8080, service: 's' },
        preStop: { type: 'http', port: 8080, path: '/stop', scheme: 'HTTPS' },
      },
    });
  });

  test('of other ports and other hosts stay', () => {
    const actions = {
      livenessProbe: { httpGet: { path: '/live', port: 9000 } },
      readinessProbe: { httpGet: { path: '/ready', port: 8080, host: '10.0.0.9' } },
    };
    const pod = examplePod({ container: actions });
    expect(injected(pod).pod.spec.containers[0]).toMatchObject(actions);
    expect(probeTable(pod)).toEqual({});
  });

  test('by command are named in a warning until health paths are', () => {
    const container = { livenessProbe: { exec: { command: ['curl', 'localhost:8080'] } } };
    expect(injected(examplePod({ container })).warnings[0]).toMatch(/^container server: liveness runs a command/);
    const annotations = { 'tachograph.dev/health-paths': '/healthz' };
    expect(injected(examplePod({ container, metadata: { annotations } })).warnings).toEqual([]);
  });
});
