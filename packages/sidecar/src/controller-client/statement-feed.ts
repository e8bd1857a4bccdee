import { apiError } from '@tachograph/protocol';
import { describeError, type Logger } from '@tachograph/service';
import type { Cancel, Timers } from '../record/timers.ts';
import type { HttpsAnswer } from './https-caller.ts';
import { retryDelayMs } from './retry-delay.ts';
import { parseJson } from './verify-statement.ts';

export interface FeedOptions {
  readonly name: string;
  /** One long poll; `etag`: what is held. */
  readonly poll: (etag: string | undefined) => Promise<HttpsAnswer>;
  /** Takes a new statement; `false`: it was refused, so its tag is not remembered. */
  readonly take: (text: string) => Promise<boolean>;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
}

/** A 304 at once means a controller that does not wait: this much between polls. */
const pauseMs = 1000;

/** The controller's own words: it made them for people. */
function refusalText(status: number, body: string): string {
  const error = apiError.safeParse(parseJson(body));
  return error.success ? `${error.data.code}: ${error.data.message}` : `status ${status}`;
}

/** Polls for one statement for ever. */
export class StatementFeed {
  readonly #options: FeedOptions;
  #etag: string | undefined;
  #failures = 0;
  #lastRefusal = '';
  #cancel: Cancel | undefined;
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#next(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #next(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.timers.after(delayMs, () => void this.#run());
  }

  async #run(): Promise<void> {
    const { random, log, name } = this.#options;
    try {
      const isGood = await this.#once();
      this.#failures = isGood ? 0 : this.#failures + 1;
    } catch (error) {
      this.#failures += 1;
      log.error('statement poll failed', { type: name, err: describeError(error) });
    }
    this.#next(this.#failures === 0 ? pauseMs : retryDelayMs(this.#failures, random));
  }

  async #once(): Promise<boolean> {
    const { poll, take } = this.#options;
    const answer = await poll(this.#etag);
    if (answer.kind === 'unreachable') return this.#refused('unreachable');
    if (answer.status === 304) return true;
    if (answer.status !== 200) return this.#refused(refusalText(answer.status, answer.body.toString()));
    if (!(await take(answer.body.toString()))) return false;
    this.#etag = answer.headers.etag;
    this.#lastRefusal = '';
    return true;
  }

  /** Says why there is no statement, once for each new reason. */
  #refused(reason: string): false {
    if (reason !== this.#lastRefusal) this.#options.log.warn('no statement', { type: this.#options.name, reason });
    this.#lastRefusal = reason;
    return false;
  }
}
