import type { Person } from './login-port.ts';
import type { SealedEntries } from './sealed-entries.ts';

/** A person as one login found them, kept as long as its grant. */
export interface PersonRecord extends Person {
  /** When the company's provider vouched, in seconds: `auth_time`. */
  readonly authTime: number;
}

const kind = 'Person';

/** Who stands behind a grant. Kept per grant, so that a later login changes no earlier one. */
export interface PersonRecords {
  find(grantId: string): Promise<PersonRecord | undefined>;
  save(grantId: string, person: PersonRecord, expiresAtMs: number): Promise<void>;
}

export function createPersonRecords(entries: SealedEntries): PersonRecords {
  return {
    async find(grantId) {
      const entry = await entries.read(kind, grantId);
      // Sealed by us under this name: nobody else can have written it.
      return entry === undefined ? undefined : parsePersonRecord(entry.text);
    },
    save: (grantId, person, expiresAtMs) =>
      entries.write(grantId, {
        kind,
        text: JSON.stringify(person),
        expiresAtMs,
        indexes: { grant: grantId, subject: person.subject },
      }),
  };
}

function parsePersonRecord(text: string): PersonRecord {
  const record: PersonRecord = JSON.parse(text);
  return record;
}
