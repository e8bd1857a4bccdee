/** What loosens the sidecar, or changes its rules, is itself recorded. */
import { hash } from 'node:crypto';
import type { BundlePayload } from '@tachograph/protocol';
import { describeError, type Logger } from '@tachograph/service';
import type { PolicyInForce, StepsOff } from './call/ports.ts';
import type { Recorder } from './record/recorder.ts';

/** One record for each step that is off, durable before the first call. */
export async function recordStepsOff(recorder: Recorder, off: StepsOff): Promise<void> {
  for (const [step, isOff] of Object.entries(off)) {
    if (isOff) await recorder.append({ kind: 'config.step_off', detail: { step } });
  }
}

/** Appended before the first call that is judged by it, hence before it in the chain. */
export function recordPolicy(
  { recorder, log }: { readonly recorder: Recorder; readonly log: Logger },
  { digest, source, masker }: PolicyInForce,
  { version, notAfter, default: fallback, rules, ledger, identity }: BundlePayload,
): void {
  const detail = {
    'policy.source': source,
    version,
    notAfter,
    default: fallback,
    rules: rules.length,
    ...(identity === undefined ? {} : { identity }),
    masking: masker.rulesHash,
    // What administrators pin takes effect here: the sealed record says since when.
    ...(ledger === undefined ? {} : { ledger: hash('sha256', JSON.stringify(ledger)) }),
  };
  recorder.append({ kind: 'policy.applied', bundle: digest, detail }).catch((error: unknown) => {
    log.error('policy not recorded', { err: describeError(error) });
  });
}
