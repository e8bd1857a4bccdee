import { createHash, createHmac } from 'node:crypto';
import type { InjectContext } from '../inject.ts';

/** An installation for tests: every value fixed, so that goldens are too. */
export const exampleContext: InjectContext = {
  settings: {
    version: '0.1.0',
    cluster: 'example',
    image: 'registry.example/tachograph/sidecar:0.1.0',
    imagePullPolicy: 'IfNotPresent',
    netguardCommand: ['node', '/app/tachograph-netguard.mjs'],
    controllerUrl: 'https://tachograph-controller.tachograph.svc:8443',
    trustFingerprint: `sha256:${'ab'.repeat(32)}`,
    nonceKey: 'key for tests',
    durabilityFloor: 'process',
    spoolQuotaBytes: 256 * 1024 * 1024,
    sidecarResources: {
      requests: { cpu: '50m', memory: '96Mi' },
      limits: { memory: '256Mi' },
    },
    netguardResources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    runtimeClasses: [],
    requireRunAsUser: false,
  },
  namespace: {
    name: 'team-a',
    upstreamSecret: (workload) => (workload === 'crm' ? { name: 'crm-api', key: 'token' } : undefined),
  },
  crypto: {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  },
};

/** The context with some settings replaced. */
export function contextWith(settings: Partial<InjectContext['settings']>): InjectContext {
  return { ...exampleContext, settings: { ...exampleContext.settings, ...settings } };
}
