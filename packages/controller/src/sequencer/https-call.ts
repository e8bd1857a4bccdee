import { Agent } from 'node:https';
import { callHttp, type HttpAnswer } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';

/** One call with everything bounded. */
export interface HttpsCall {
  readonly url: URL;
  readonly method: string;
  readonly token: string;
  readonly body?: string;
  /** PEM roots; nothing else is trusted. */
  readonly roots: readonly string[];
  /** Name in the certificate, where the URL is an address. */
  readonly servername?: string;
  readonly timeoutMs: number;
}

const maxAnswerBytes = 64 * 1024 * 1024;

export interface HttpsCaller {
  /** Rejects with `unavailable` when there is no whole answer. */
  call(it: HttpsCall): Promise<HttpAnswer>;
  close(): void;
}

/** A caller that keeps connections. */
export function createHttpsCaller(): HttpsCaller {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, minVersion: 'TLSv1.3' });
  return {
    call: async (it) => send(agent, it),
    close: () => agent.destroy(),
  };
}

async function send(agent: Agent, { token, body, url, ...it }: HttpsCall): Promise<HttpAnswer> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  try {
    return await callHttp({ ...it, url, agent, headers, maxAnswerBytes, ...(body === undefined ? {} : { body }) });
  } catch (cause) {
    throw new ControllerError('unavailable', `no answer from ${url.host}`, { cause, retryAfterMs: 1000 });
  }
}
