/** The log as a controller replica sees it over HTTP: finds the leader, and follows when it moves. */
import { apiError, leavesAnswer, parseJson, type Archived } from '@tachograph/protocol';
import type { HttpAnswer } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { createHttpsCaller, type HttpsCaller } from './https-call.ts';
import type { LogPort } from './log-port.ts';
import { leaderHeader } from './sequencer-api.ts';
import { parseDeleting, parseProof, parseStatus, parseStreamView } from './sequencer-wire.ts';

export interface SequencerClientOptions {
  /** Where to ask first: a Service, or every sequencer. */
  readonly urls: readonly string[];
  /** Roots of the serving authority now. */
  readonly roots: () => readonly string[];
  /** This replica's token for the sequencer. */
  readonly token: () => Promise<string>;
  readonly timeoutMs: number;
}

export interface SequencerClient extends LogPort {
  close(): void;
}

type Parse<T> = (value: unknown) => T | undefined;
type Call = (method: string, path: string, body?: unknown) => Promise<HttpAnswer>;

export function createSequencerClient(options: SequencerClientOptions): SequencerClient {
  const caller = createHttpsCaller();
  const call = createLeaderCall(options, caller);
  return {
    append: async (leaves) => readJson(await call('POST', '/internal/leaves', { leaves }), parseArchived),
    async stream({ stream, object, segments, session }) {
      const query = new URLSearchParams({
        ...(object === undefined ? {} : { object }),
        ...(segments === undefined
          ? {}
          : { segments: '1', first: String(segments.first), last: String(segments.last) }),
        ...(session === undefined ? {} : { session }),
      });
      const answer = await call('GET', `/internal/streams/${encodeURIComponent(stream)}?${query.toString()}`);
      return answer.status === 404 ? undefined : readJson(answer, parseStreamView);
    },
    heads: async (heads) => readJson(await call('POST', '/internal/heads', { heads }), parseDeleting),
    async admitted(pod) {
      const answer = await call('POST', '/internal/pods', pod);
      if (answer.status !== 204) throw refusalOf(answer);
    },
    async checkpoint() {
      const answer = await call('GET', '/internal/checkpoint');
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refusalOf(answer);
      return answer.text;
    },
    async prove(index, size) {
      const answer = await call('GET', `/internal/proofs/${index}?size=${size}`);
      return answer.status === 404 ? undefined : readJson(answer, parseProof);
    },
    status: async () => readJson(await call('GET', '/internal/status'), parseStatus),
    close: () => caller.close(),
  };
}

const mostTries = 6;

/** Asks until one answers as leader: the one that did last, then the named ones, then whom a follower names. */
function createLeaderCall(options: SequencerClientOptions, caller: HttpsCaller): Call {
  let known: string | undefined;
  const ask = async (base: string, ...[method, path, body]: Parameters<Call>): Promise<HttpAnswer> =>
    caller.call({
      url: new URL(path, base),
      method,
      token: await options.token(),
      roots: options.roots(),
      timeoutMs: options.timeoutMs,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...servernameOf(options.urls),
    });
  return async (...it) => {
    const queue = [...new Set([...(known === undefined ? [] : [known]), ...options.urls])];
    let refusal = new ControllerError('unavailable', 'no sequencer answers', { retryAfterMs: 1000 });
    for (let at = 0; at < queue.length && at < mostTries; at += 1) {
      const base = queue[at] ?? '';
      const tried = await ask(base, ...it).then(toTried, toFailed);
      if (tried.kind === 'answered') {
        known = base;
        return tried.answer;
      }
      refusal = tried.refusal;
      if (tried.leader !== undefined && !queue.includes(tried.leader)) queue.push(tried.leader);
    }
    known = undefined;
    throw refusal;
  };
}

type Tried =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  | { readonly kind: 'refused'; readonly refusal: ControllerError; readonly leader: string | undefined };

function toTried(answer: HttpAnswer): Tried {
  if (answer.status !== 503) return { kind: 'answered', answer };
  const leader = answer.headers[leaderHeader.toLowerCase()];
  return { kind: 'refused', refusal: refusalOf(answer), leader: typeof leader === 'string' ? leader : undefined };
}

function toFailed(error: unknown): Tried {
  return { kind: 'refused', refusal: toRefusal(error), leader: undefined };
}

function readJson<T>(answer: HttpAnswer, parse: Parse<T>): T {
  if (answer.status >= 202) throw refusalOf(answer);
  const value = parse(parseJson(answer.text));
  if (value === undefined) throw new ControllerError('unavailable', 'the sequencer answered something else');
  return value;
}

/** A leader is reached by address, but its certificate names the Service. */
function servernameOf(urls: readonly string[]): { readonly servername?: string } {
  const host = new URL(urls[0] ?? 'https://localhost').hostname;
  return /^[\d.]+$|^\[/.test(host) ? {} : { servername: host };
}

function parseArchived(value: unknown): readonly Archived[] | undefined {
  const result = leavesAnswer.safeParse(value);
  return result.success ? result.data.archived : undefined;
}

function toRefusal(error: unknown): ControllerError {
  if (error instanceof ControllerError) return error;
  return new ControllerError('unavailable', 'the sequencer cannot be asked', { cause: error, retryAfterMs: 1000 });
}

/** The sequencer's refusal, as it will reach the sidecar. */
function refusalOf({ status, text }: HttpAnswer): ControllerError {
  const result = apiError.safeParse(parseJson(text));
  if (!result.success)
    return new ControllerError('unavailable', `the sequencer answered ${status}`, { retryAfterMs: 1000 });
  const { code, message, retryAfterMs } = result.data;
  // The sequencer refuses this replica, not the sidecar behind it.
  if (code === 'forbidden' || code === 'unauthenticated' || code === 'internal') {
    return new ControllerError('unavailable', `the sequencer answered ${code}: ${message}`, { retryAfterMs: 1000 });
  }
  return new ControllerError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}
