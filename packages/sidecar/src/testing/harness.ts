/** A whole sidecar on port 0 in front of one upstream, with a recorder in memory. */
import { createHmac, hash } from 'node:crypto';
import type { Decision, JwksPayload, PolicyCall } from '@tachograph/protocol';
import { createMasker } from '@tachograph/masking';
import { createSettingsReader, silentLogger, systemClock, type Environment } from '@tachograph/service';
import { createSidecar, type Sidecar } from '../app.ts';
import type { PolicyInForce } from '../call/ports.ts';
import { readSettings } from '../settings.ts';
import { createMemoryRecorder, type MemoryRecorder } from './memory-recorder.ts';

export interface Harness {
  readonly url: string;
  readonly sidecar: Sidecar;
  readonly recorder: MemoryRecorder;
  close(): Promise<void>;
}

export interface HarnessOptions {
  readonly upstream: string;
  readonly environment?: Environment;
  readonly decide?: (call: PolicyCall) => Decision;
  readonly issuers?: JwksPayload;
  /** No valid policy. */
  readonly noPolicy?: boolean;
}

const times = { issuedAt: '2026-01-01T00:00:00Z', notAfter: '2099-01-01T00:00:00Z' };
const allowAll = JSON.stringify({
  v: 1,
  workload: 'tachograph://local/default/local',
  version: 1,
  ...times,
  default: 'allow',
  rules: [],
  masking: {},
  durabilityFloor: 'process',
});
const noIssuers = JSON.stringify({ v: 1, ...times, issuers: [] });

export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const recorder = createMemoryRecorder();
  const settings = readSettings(
    createSettingsReader({
      TACHO_LISTEN: '127.0.0.1:0',
      TACHO_UPSTREAM: options.upstream,
      TACHO_SPOOL: '/unused',
      TACHO_CONTROLLER: 'off',
      TACHO_POLICY: '/policy.json',
      TACHO_ISSUERS: '/issuers.json',
      ...(options.issuers === undefined ? { TACHO_OFF: 'identity' } : {}),
      ...options.environment,
    }),
    (path) => (path === '/policy.json' ? allowAll : noIssuers),
  );
  const inForce: PolicyInForce = {
    digest: hash('sha256', 'test'),
    source: 'file',
    decide: options.decide ?? (() => ({ verdict: 'allow' })),
    masker: createMasker(
      {},
      {
        sha256: (text) => hash('sha256', text),
        hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
      },
    ),
  };
  const sidecar = createSidecar({
    settings,
    log: silentLogger,
    clock: systemClock,
    recorder,
    refusals: recorder,
    policy: { current: () => (options.noPolicy === true ? undefined : inForce) },
    issuers: { current: () => options.issuers },
  });
  await sidecar.start();
  return {
    url: `http://127.0.0.1:${sidecar.ports()[0] ?? 0}`,
    sidecar,
    recorder,
    close: async () => sidecar.stop(),
  };
}
