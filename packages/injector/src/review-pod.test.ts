import { describe, expect, test } from '@jest/globals';
import { applyOperations } from '@tachograph/inject';
import type { AdmissionRequest } from '@tachograph/protocol';
import type { AdmittedPod } from './controller-client.ts';
import { nodeCrypto } from './installation.ts';
import { createPodMutator, createPodValidator } from './review-pod.ts';
import { exampleNamespace } from './testing/fake-kube.ts';

const admitted: AdmittedPod[] = [];
const options = {
  installation: {
    settings: () => ({
      version: '0.1.0',
      cluster: 'example',
      image: 'sidecar:1',
      imagePullPolicy: 'IfNotPresent' as const,
      netguardCommand: ['netguard'],
      controllerUrl: 'https://controller:8443',
      trustFingerprint: `sha256:${'00'.repeat(32)}`,
      nonceKey: 'k',
      durabilityFloor: 'process' as const,
      spoolQuotaBytes: 1024 ** 3,
      sidecarResources: { requests: {}, limits: {} },
      netguardResources: { requests: {}, limits: {} },
      runtimeClasses: [],
      requireRunAsUser: false,
    }),
    namespace: async (name: string) => exampleNamespace(name, 'enabled'),
    policies: () => [],
  },
  journal: () => undefined,
  upgrader: undefined,
  admitted: (pod: AdmittedPod) => void admitted.push(pod),
};

function request(object: unknown, dryRun = false): AdmissionRequest {
  return {
    uid: 'r',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    operation: 'CREATE',
    namespace: 'team-a',
    userInfo: {},
    object,
    dryRun,
  };
}

describe('a pod that was let in', () => {
  test('is announced with the digest of what was stored, once, and not in a dry run', async () => {
    const labels = { 'tachograph.dev/mcp-server': 'true' };
    const pod = {
      metadata: { name: 'mcp-0', uid: 'uid-0', labels },
      spec: { containers: [{ name: 'server', ports: [{ containerPort: 80 }] }] },
    };
    const verdict = await createPodMutator(options)(request(pod));
    const stored = applyOperations(pod, verdict.kind === 'allow' ? (verdict.patch ?? []) : []) as typeof pod;
    const validate = createPodValidator(options);
    await expect(validate(request(stored))).resolves.toEqual({ kind: 'allow', reason: 'intact' });
    await validate(request(stored, true));
    await validate(request(pod));
    const specDigest = nodeCrypto.sha256(JSON.stringify(stored.spec));
    expect(admitted).toEqual([{ namespace: 'team-a', pod: 'mcp-0', podUid: 'uid-0', workload: 'mcp-0', specDigest }]);
  });
});
