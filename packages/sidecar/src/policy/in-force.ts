/** The rules in force: a bundle's payload, compiled once. */
import { createHmac, hash } from 'node:crypto';
import { createMasker, type MaskCrypto } from '@tachograph/masking';
import { compileBundle, decide } from '@tachograph/policy';
import type { BundlePayload, Decision, Durability } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { MaskerPort, PolicyInForce, PolicySource, StepsOff } from '../call/ports.ts';
import type { BundleSource } from './bundle-source.ts';

const strength: Readonly<Record<Durability, number>> = { process: 0, node: 1, archive: 2 };

const allowed: Decision = { verdict: 'allow' };

const crypto: MaskCrypto = {
  sha256: (text) => hash('sha256', text),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
};

const noMasker: MaskerPort = {
  rulesHash: 'off',
  maskJson: () => ({ kind: 'clean' }),
  maskText: () => ({ kind: 'clean' }),
};

export interface PolicySourceOptions {
  readonly bundles: BundleSource;
  readonly off: StepsOff;
  readonly clock: Clock;
  /** The pod's; a bundle that asks for more is not in force here. */
  readonly durability: Durability;
  /** Told of each bundle before the first call is judged by it. */
  readonly onApplied: (policy: PolicyInForce, payload: BundlePayload) => void;
}

/** Compiles each bundle once; one that has expired is none. */
export function createPolicySource({ bundles, off, clock, durability, onApplied }: PolicySourceOptions): PolicySource {
  let compiledFrom: BundlePayload | undefined;
  let inForce: PolicyInForce | undefined;
  let notAfterMs = 0;
  return {
    current() {
      const bundle = bundles.current();
      if (bundle === undefined) return undefined;
      if (bundle.payload !== compiledFrom) {
        inForce = compile(bundle.payload, bundle.digest, bundles.kind, off);
        compiledFrom = bundle.payload;
        notAfterMs = Date.parse(bundle.payload.notAfter);
        onApplied(inForce, bundle.payload);
      }
      const holds = strength[durability] >= strength[bundle.payload.durabilityFloor];
      return holds && notAfterMs > clock.nowMs() ? inForce : undefined;
    },
  };
}

function compile(payload: BundlePayload, digest: string, source: 'bundle' | 'file', off: StepsOff): PolicyInForce {
  const bundle = compileBundle(payload);
  return {
    digest,
    source,
    decide: off.policy ? () => allowed : (call) => decide(bundle, call),
    masker: off.masking ? noMasker : createMasker(payload.masking, crypto),
  };
}
