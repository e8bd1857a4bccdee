import type { BundlePayload } from '@tachograph/protocol';

/** What a sidecar without a controller may run under: everything is allowed, nothing is special. */
export const openBundle: BundlePayload = {
  v: 1,
  workload: 'tachograph://local/default/local',
  version: 1,
  issuedAt: '2026-01-01T00:00:00Z',
  notAfter: '2099-01-01T00:00:00Z',
  default: 'allow',
  rules: [],
  masking: {},
  durabilityFloor: 'process',
};
