/** Names of the indexes by which state is found and removed together. */
export type LoginIndex = 'grant' | 'uid' | 'subject';

/** State with a lifetime, as it is given to a store. The store sees neither tokens nor names: only digests and sealed text. */
export interface NewLoginEntry {
  /** Sealed by the auth server (AES-256-GCM, base64url), at most about 64 KiB. */
  readonly data: string;
  readonly expiresAtMs: number;
  /** What it is, for operators and metrics: `AuthorizationCode`, `Client`, … */
  readonly kind: string;
  /** Hex digests. Entries that share one are found together by `keysOf`. */
  readonly grant?: string;
  readonly uid?: string;
  readonly subject?: string;
}

/** What a store holds. `version` changes with every write of the key. */
export interface LoginEntry extends NewLoginEntry {
  readonly version: string;
}

/**
 * Where logins live, shared by all replicas. Keys are 64 lower-case hex digits. A store gives no more than this: whatever
 * must happen once (the consumption of a code) is a write with a version, of which at most one succeeds.
 */
export interface LoginStore {
  /** The entry, or `undefined` when there is none or its time is over. Never older than the last finished `write` of the key. */
  read(key: string): Promise<LoginEntry | undefined>;
  /**
   * Without `version` creates or replaces; with it replaces exactly that version, and `conflict` (also when the entry has
   * gone meanwhile) means that nothing was changed.
   */
  write(key: string, entry: NewLoginEntry, version?: string): Promise<'written' | 'conflict'>;
  /** Removes the entry if it is there. */
  remove(key: string): Promise<void>;
  /** Keys of the entries with this index value. Entries whose time is over may be among them. */
  keysOf(index: { readonly name: LoginIndex; readonly value: string }): Promise<readonly string[]>;
}
