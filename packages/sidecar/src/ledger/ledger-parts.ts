/** The ledger as a sidecar is wired to it: its reporter, its records, its metric. */
import type { LedgerDrift } from '@tachograph/protocol';
import { describeError, type Clock, type Logger, type Metrics } from '@tachograph/service';
import type { CallContext } from '../call/ports.ts';
import type { Recorder } from '../record/recorder.ts';
import { systemTimers } from '../record/timers.ts';
import { createToolLedger } from './ledger.ts';
import { createReporter, noReporter, type SendReport } from './reporter.ts';

export interface LedgerPartsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: Recorder;
  readonly metrics?: Metrics;
  /** To the controller; absent: there is none. */
  readonly report?: SendReport | undefined;
}

/** `masks` shortens names. */
export function createLedgerParts(
  options: LedgerPartsOptions,
  masks: CallContext['masks'],
): Pick<CallContext, 'ledger' | 'onDrift'> {
  const { clock, log, metrics, report } = options;
  const found = metrics?.counter('tool_drift_total', 'Definitions that are not the pinned ones, once for each', [
    'section',
    'change',
  ]);
  const onDrift = (drift: LedgerDrift): void => recordDiff(options, drift);
  return {
    ledger: createToolLedger({
      reporter:
        report === undefined ? noReporter : createReporter({ send: report, onDrift, clock, timers: systemTimers }),
      shorten: ({ masker }, name) => masks.short(masker, name),
    }),
    onDrift({ section, change, name }) {
      found?.inc({ section, change });
      log.warn('definition is not the pinned one', { section, change, name });
    },
  };
}

/** The controller keeps the pinned definition, so it can name what this process never saw. */
function recordDiff({ recorder, log }: LedgerPartsOptions, drift: LedgerDrift): void {
  const { section, name, change, digest, pinned, diff } = drift;
  if (diff.length === 0) return;
  const detail = { section, name, change, digest, pinned, diff, by: 'controller' };
  recorder.append({ kind: 'ledger.drift', detail }).catch((error: unknown) => {
    log.error('drift not recorded', { err: describeError(error) });
  });
}
