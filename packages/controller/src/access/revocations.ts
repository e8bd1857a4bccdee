/** Whose tokens no longer hold. Every replica knows it within seconds; sidecars learn it from the key set's statement. */
import type { JwksPayload, Leaf, PersonOfLeaf, Revocation, RevocationRequest } from '@tachograph/protocol';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { Secrets, Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import type { LogPort } from '../sequencer/log-port.ts';
import { createRevocationList, type RevocationList } from './revocation-list.ts';

/** Who holds a grant or a token, and since when. */
export interface RevocableSubject {
  readonly iss: string;
  readonly sub: string;
  readonly issuedAtMs: number;
}

export interface Revocations {
  /** Those in force, newest first. */
  current(): readonly Revocation[];
  /** What the statement says of them. */
  forStatement(): NonNullable<JwksPayload['revoked']>;
  /** Whether the subject's token or login ends here. At once: it is asked before every use of a refresh token. */
  isRevoked(subject: RevocableSubject): boolean;
  /** In force when it resolves; its leaf may follow. */
  revoke(by: PersonOfLeaf, request: RevocationRequest): Promise<Revocation>;
  /** Called after a change, of this replica's or another's. The answer stops it. */
  onChange(handle: () => void): () => void;
  stop(): void;
}

export interface RevocationsOptions {
  readonly secrets: Secrets;
  readonly sequencer: Pick<LogPort, 'append'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** How long a revocation stays in force: as long as any token or login that it ends could live. */
  readonly lifeMs: number;
}

/** Other replicas' revocations are looked for this often. */
const lookEveryMs = 2000;

/** Rejects when the revocations cannot be read: a controller that does not know them serves nobody. */
export async function startRevocations(options: RevocationsOptions): Promise<Revocations> {
  const book = new RevocationBook(options, createRevocationList(options.secrets));
  try {
    await book.look();
  } catch (error) {
    book.stop();
    throw error;
  }
  return book;
}

class RevocationBook implements Revocations {
  readonly #options: RevocationsOptions;
  readonly #list: RevocationList;
  readonly #listeners = new Set<() => void>();
  readonly stop: () => void;
  #found: readonly Revocation[] = [];
  #text = '[]';

  constructor(options: RevocationsOptions, list: RevocationList) {
    this.#options = options;
    this.#list = list;
    this.stop = every({ ...options, name: 'revocations' }, lookEveryMs, async () => {
      await this.look();
      await this.#logMissing();
    });
  }

  /** Nothing takes a revocation back: what is known here and not stored was lost, and is stored again. */
  async look(): Promise<void> {
    const stored = await this.#list.read();
    const lost = (found: readonly Revocation[]): readonly Revocation[] =>
      this.current().filter((one) => !found.some((other) => covers(other, one)));
    if (lost(stored).length === 0) return this.#take(stored);
    this.#options.log.error('revocations were lost, and are stored again', { count: lost(stored).length });
    return this.#take(await this.#list.change((found) => [...found, ...lost(found)]));
  }

  current(): readonly Revocation[] {
    const nowMs = this.#options.clock.nowMs();
    return this.#found.filter(({ until }) => Date.parse(until) > nowMs);
  }

  forStatement(): NonNullable<JwksPayload['revoked']> {
    return this.current().map(({ subject, iss, before }) => ({
      sub: subject,
      ...(iss === undefined ? {} : { iss }),
      before,
    }));
  }

  isRevoked({ iss, sub, issuedAtMs }: RevocableSubject): boolean {
    return this.current().some(
      (one) => one.subject === sub && issuedAtMs < Date.parse(one.before) && mayBeOf(one.iss, iss),
    );
  }

  async revoke(by: PersonOfLeaf, { subject, iss, reason }: RevocationRequest): Promise<Revocation> {
    const { clock, lifeMs } = this.#options;
    const nowMs = clock.nowMs();
    const revoked: Revocation = {
      subject,
      ...(iss === undefined ? {} : { iss }),
      reason,
      by: { iss: by.iss, sub: by.sub },
      before: new Date(nowMs).toISOString(),
      until: new Date(nowMs + lifeMs).toISOString(),
      logged: false,
    };
    this.#take(await this.#list.change((found) => withRevocation(found, revoked, nowMs)));
    return (await this.#logOne(revoked)) ? { ...revoked, logged: true } : revoked;
  }

  onChange(handle: () => void): () => void {
    this.#listeners.add(handle);
    return () => void this.#listeners.delete(handle);
  }

  #take(found: readonly Revocation[]): void {
    const text = JSON.stringify(found.map(({ logged: _none, ...one }) => one));
    this.#found = found;
    if (text === this.#text) return;
    this.#text = text;
    for (const handle of this.#listeners) handle();
  }

  /** Whoever wrote one and then ended, or met a sequencer that did not answer. The same leaf again keeps its place. */
  async #logMissing(): Promise<void> {
    for (const one of this.#found) if (!one.logged) await this.#logOne(one);
  }

  /** Revoking waits for no log: a person whose device is stolen would wait too. */
  async #logOne(one: Revocation): Promise<boolean> {
    const { sequencer, log } = this.#options;
    try {
      await sequencer.append([JSON.stringify(toLeaf(one))]);
      this.#take(await this.#list.change((found) => markLogged(found, one)));
      return true;
    } catch (error) {
      log.warn('revocation is not logged yet', { subject: one.subject, err: describeError(error) });
      return false;
    }
  }
}

/** Logins know the workload's issuer only: one that names the company's provider behind it means them too. */
function mayBeOf(wanted: string | undefined, iss: string): boolean {
  return wanted === undefined || wanted === iss || !wanted.startsWith('tachograph://');
}

/** A newer one of the same subject and issuer covers the older; what is over goes once the log tells of it. */
function withRevocation(found: readonly Revocation[], added: Revocation, nowMs: number): readonly Revocation[] {
  const kept = found.filter((one) => {
    const isOver = Date.parse(one.until) <= nowMs;
    return !one.logged || !(isOver || covers(added, one));
  });
  return [added, ...kept];
}

/** Whether a revocation ends everything that the other one does. */
function covers(newer: Revocation, older: Revocation): boolean {
  const isSame = newer.subject === older.subject && newer.iss === older.iss;
  return isSame && Date.parse(newer.before) >= Date.parse(older.before);
}

function markLogged(found: readonly Revocation[], logged: Revocation): readonly Revocation[] | undefined {
  const isIt = (one: Revocation): boolean => JSON.stringify(toLeaf(one)) === JSON.stringify(toLeaf(logged));
  if (!found.some((one) => isIt(one) && !one.logged)) return undefined;
  return found.map((one) => (isIt(one) ? { ...one, logged: true } : one));
}

function toLeaf({ subject, iss, reason, by, before }: Revocation): Leaf {
  return {
    v: 1,
    type: 'admin.action',
    action: 'access.revoked',
    subject,
    detail: { before, ...(iss === undefined ? {} : { issuer: iss }) },
    by,
    reason,
    at: before,
  };
}
