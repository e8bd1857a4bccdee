import type { WorkloadRef } from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import type { LoginSubject } from './login-subject.ts';
import type { AuthKeys } from './auth-keys.ts';
import type { AuthSite } from './auth-site.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import type { PersonRecords } from './person-records.ts';
import type { SealedEntries } from './sealed-entries.ts';
import type { AuthSettings } from './settings.ts';

/** A site of a known workload. */
export type WorkloadSite = AuthSite & { readonly workload: WorkloadRef };

/** What one provider (a workload on an origin) works with. */
export interface ProviderParts {
  readonly settings: AuthSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly site: WorkloadSite;
  /** The workload's own: shared by its providers on all origins and replicas. */
  readonly entries: SealedEntries;
  readonly persons: PersonRecords;
  readonly keys: () => AuthKeys;
  readonly isRevoked: (subject: LoginSubject) => boolean;
  readonly fetchDocument: GuardedFetch;
  /** Whether a client-id metadata document may be fetched now. */
  readonly mayFetch: (clientId: string) => Promise<boolean>;
}
