import type { Clock, Logger, Metrics } from '@tachograph/service';
import { openCustody, type ObjectCustody, type ObjectStore } from '@tachograph/store';
import type { LogPort } from '../sequencer/log-port.ts';
import { createCustodianGate } from './custodians.ts';
import type { CustodyApiOptions } from './custody-api.ts';
import { createHoldLog } from './custody-log.ts';
import type { CustodySettings } from './custody-settings.ts';
import { createVerificationMetrics } from './verification-metrics.ts';

/** Custody by two accounts. */
export interface CustodyAccounts {
  readonly holds: ObjectCustody;
  readonly purges: ObjectCustody;
}

const objectsOfCall = 2000;

export interface StartCustodyOptions {
  readonly settings: {
    readonly bucket: string;
    readonly storageEndpoint: string | undefined;
    readonly custody: CustodySettings;
  };
  readonly store: ObjectStore;
  /** Absent: opened by the credentials that the settings name. */
  readonly custodyAccounts?: CustodyAccounts;
  /** Objects that one call takes on; absent: 2,000. */
  readonly custodyObjectsOfCall?: number;
  readonly sequencer: LogPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What the API of custody needs. Contacts nothing. */
export function startCustody(options: StartCustodyOptions): Omit<CustodyApiOptions, 'people'> {
  const { settings, store, sequencer, clock, log } = options;
  const { custodians, retentionMs } = settings.custody;
  const { holds, purges } = options.custodyAccounts ?? openAccounts(settings);
  const nowMs = (): number => clock.nowMs();
  const now = (): string => new Date(clock.nowMs()).toISOString();
  return {
    custody: {
      store,
      holdLog: createHoldLog(store),
      holds,
      purges,
      sequencer,
      retentionMs,
      objectsOfCall: options.custodyObjectsOfCall ?? objectsOfCall,
      nowMs,
      now,
      log,
    },
    requireCustodian: createCustodianGate(custodians),
    takeVerification: createVerificationMetrics(options.metrics, nowMs),
  };
}

function openAccounts({ bucket, storageEndpoint, custody }: StartCustodyOptions['settings']): CustodyAccounts {
  const open = (credentialsFile: string | undefined): ObjectCustody =>
    openCustody(bucket, { apiEndpoint: storageEndpoint, credentialsFile });
  return { holds: open(custody.holdCredentialsFile), purges: open(custody.purgeCredentialsFile) };
}
