import { readFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import { writeDurably } from '../record/durable-file.ts';
import { parseJson, refuse, verifyStatement, type Verified } from './verify-statement.ts';

/** What every payload has that is re-signed while it lives. */
export interface Dated {
  readonly issuedAt: string;
  readonly notAfter: string;
}

/** A statement in force. `digest`: hex SHA-256 of the payload text. */
export interface Held<T> {
  readonly payload: T;
  readonly digest: string;
}

export interface HolderOptions<T extends Dated> {
  readonly type: 'bundle' | 'jwks';
  /** The last good statement is kept here, so that a start needs no controller. */
  readonly cacheFile: string;
  /** Keys that may sign it, from the trust statement in force; none when that has expired. */
  readonly keys: () => readonly string[];
  readonly parse: (value: unknown) => T | undefined;
  /** Refuses what is not for this pod, or lower than what is held. */
  readonly accept: (next: T, held: T | undefined) => Verified<T>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Holds the newest believed statement of one type. */
export class StatementHolder<T extends Dated> {
  readonly #options: HolderOptions<T>;
  readonly #listeners: ((held: Held<T>) => void)[] = [];
  #held: Held<T> | undefined;

  constructor(options: HolderOptions<T>) {
    this.#options = options;
  }

  /** In force now; `undefined`: none, expired, or the trust statement behind it has expired. */
  current(): Held<T> | undefined {
    const held = this.#held;
    if (held === undefined || this.#options.keys().length === 0) return undefined;
    return Date.parse(held.payload.notAfter) > this.#options.clock.nowMs() ? held : undefined;
  }

  /** Called with each statement that comes into force, and at once with the one that is. */
  onChange(listener: (held: Held<T>) => void): void {
    this.#listeners.push(listener);
    const held = this.current();
    if (held !== undefined) listener(held);
  }

  /** Reads the cache; a statement that is no longer good is left alone. */
  load(): void {
    try {
      this.#take(readFileSync(this.#options.cacheFile, 'utf8'));
    } catch {
      // No cache yet: the first start in this pod.
    }
  }

  /** Takes what the controller answered. */
  async offer(text: string): Promise<Verified<T>> {
    const { type, log, cacheFile } = this.#options;
    const taken = this.#take(text);
    if (taken.kind === 'refused') {
      log.error('statement refused', { type, reason: taken.reason });
      return taken;
    }
    try {
      await writeDurably(cacheFile, text);
    } catch (error) {
      log.warn('statement not cached', { type, err: describeError(error) });
    }
    return taken;
  }

  #take(text: string): Verified<T> {
    const { type, keys, parse, accept, clock } = this.#options;
    const verified = verifyStatement(text, type, keys());
    if (verified.kind === 'refused') return verified;
    const payload = parse(parseJson(verified.value));
    if (payload === undefined) return refuse('malformed');
    if (!(Date.parse(payload.notAfter) > clock.nowMs())) return refuse('expired');
    const held = this.#held?.payload;
    if (held !== undefined && Date.parse(payload.issuedAt) < Date.parse(held.issuedAt)) return refuse('older');
    const accepted = accept(payload, held);
    if (accepted.kind === 'refused') return accepted;
    const next = { payload, digest: hash('sha256', verified.value, 'hex') };
    this.#held = next;
    for (const listener of this.#listeners) listener(next);
    return accepted;
  }
}
