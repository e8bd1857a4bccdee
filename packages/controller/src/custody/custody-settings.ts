import type { SettingsReader } from '@tachograph/service';

/** Settings of custody. */
export interface CustodySettings {
  /** `TACHO_CUSTODIANS`: globs over subjects, and over groups where written `group:<glob>`. Empty: nobody. */
  readonly custodians: readonly string[];
  /** `TACHO_REVOKERS`: who may revoke tokens, written alike; absent: custodians. */
  readonly revokers: readonly string[];
  /** `TACHO_HOLD_CREDENTIALS_FILE`: Google credentials of the legal-hold account; absent: the controller's own. */
  readonly holdCredentialsFile: string | undefined;
  /** `TACHO_PURGE_CREDENTIALS_FILE`: of the purger account. */
  readonly purgeCredentialsFile: string | undefined;
  /** `TACHO_RETENTION`: retention of what the store itself retains for no time; absent: such objects are not purged. */
  readonly retentionMs: number | undefined;
}

/** Throws `SettingsError`. */
export function readCustodySettings(reader: SettingsReader): CustodySettings {
  const retentionMs = reader.durationMs('TACHO_RETENTION', 0);
  const custodians = reader.list('TACHO_CUSTODIANS');
  const revokers = reader.list('TACHO_REVOKERS');
  return {
    custodians,
    revokers: revokers.length === 0 ? custodians : revokers,
    holdCredentialsFile: reader.text('TACHO_HOLD_CREDENTIALS_FILE'),
    purgeCredentialsFile: reader.text('TACHO_PURGE_CREDENTIALS_FILE'),
    retentionMs: retentionMs === 0 ? undefined : retentionMs,
  };
}
