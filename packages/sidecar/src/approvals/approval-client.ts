import {
  apiError,
  apiErrorStatus,
  approvalView,
  type ApprovalRequest,
  type ConsumeRequest,
} from '@tachograph/protocol';
import type { HttpsAnswer, HttpsCall } from '../controller-client/https-caller.ts';
import { parseJson } from '../controller-client/verify-statement.ts';
import type { ApprovalAnswer, ApprovalPort } from './approval-port.ts';

export interface ApprovalClientOptions {
  /** A call to the controller, with our token. Never rejects. */
  readonly call: (it: HttpsCall) => Promise<HttpsAnswer>;
  readonly key: () => Uint8Array | undefined;
}

/** A client waits for its headers meanwhile. */
const callTimeoutMs = 10_000;
const waitSeconds = 30;
const longPollTimeoutMs = 40_000;

/** The sidecar's end of `/v1/approvals`. */
export function createApprovalClient({ call, key }: ApprovalClientOptions): ApprovalPort {
  const send = async (path: string, value: unknown): Promise<HttpsAnswer> =>
    call({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(value),
      timeoutMs: callTimeoutMs,
    });
  const post = async (path: string, value: unknown): Promise<ApprovalAnswer> => toApproval(await send(path, value));
  return {
    key,
    request: async (request: ApprovalRequest) => post('/v1/approvals', request),
    wait: async (id, signal) =>
      toApproval(
        await call({
          method: 'GET',
          path: `${pathOf(id)}?wait=${waitSeconds}`,
          timeoutMs: longPollTimeoutMs,
          signal,
        }),
      ),
    consume: async (id, request: ConsumeRequest) => post(`${pathOf(id)}/consume`, request),
    reveal: async (id, reveal, sealed) =>
      toRevealed(await send(`${pathOf(id)}/reveals/${encodeURIComponent(reveal)}`, sealed)),
    cancel: async (id) => void (await post(`${pathOf(id)}/cancel`, {})),
  };
}

function pathOf(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}

/** Without an answer it may be tried again: the controller hands a box over once. */
function toRevealed(answer: HttpsAnswer): 'done' | 'refused' | 'elsewhere' {
  if (answer.kind === 'unreachable') return 'elsewhere';
  if (answer.status === 204) return 'done';
  return answer.status === apiErrorStatus.reveal_elsewhere || answer.status >= 500 ? 'elsewhere' : 'refused';
}

function toApproval(answer: HttpsAnswer): ApprovalAnswer {
  if (answer.kind === 'unreachable') return answer;
  const body = parseJson(answer.body.toString());
  if (answer.status >= 200 && answer.status <= 299) {
    const approval = approvalView.safeParse(body);
    return approval.success ? { kind: 'approval', approval: approval.data } : { kind: 'unreachable' };
  }
  const error = apiError.safeParse(body);
  return error.success
    ? { kind: 'refused', code: error.data.code, message: error.data.message }
    : { kind: 'unreachable' };
}

const keyBytes = 32;

/** Reads the header that comes with every bundle; `undefined` when it is absent or no key. */
export function parseApprovalKey(header: string | readonly string[] | undefined): Uint8Array | undefined {
  if (typeof header !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(header)) return undefined;
  const key = Buffer.from(header, 'base64');
  return key.length >= keyBytes ? key : undefined;
}
