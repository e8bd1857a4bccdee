/** A sidecar asks: one live approval for one exact call. */
import { randomUUIDv7 } from 'node:crypto';
import type { ApprovalRequest, HeldApproval } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';

import { isLive, settle } from './transitions.ts';

/** Longest time that anybody may be waited for. */
const longestLifeMs = 86_400_000;
/** Held calls of one caller at one workload: more are refused, so that nobody floods the approvers. */
export const mostHeldOfCaller = 20;

/** Whose call it is, as the sidecar's token proves. */
export interface CalledWorkload {
  readonly namespace: string;
  /** Workload URI. */
  readonly uri: string;
}

/** The live approval of exactly this call, if there is one among those of the namespace. Throws when the caller has too many. */
export function findLive(
  those: readonly HeldApproval[],
  from: CalledWorkload,
  request: ApprovalRequest,
): HeldApproval | undefined {
  const own = those.filter((one) => one.workload === from.uri && isSameCaller(one, request) && isLive(one));
  const found = own.find(
    ({ digest, bundle, method, tool }) =>
      digest === request.digest && bundle === request.bundle && method === request.method && tool === request.tool,
  );
  if (found !== undefined || own.length < mostHeldOfCaller) return found;
  throw new ControllerError('too_many_held', `${own.length} calls of this caller are held already`, {
    retryAfterMs: 60_000,
  });
}

/** A new one. Throws `bad_request` for masked arguments that are no JSON and for an expiry that is past. */
export function newApproval(from: CalledWorkload, request: ApprovalRequest, nowMs: number): HeldApproval {
  const expiresMs = Math.min(Date.parse(request.expiresAt), nowMs + longestLifeMs);
  if (expiresMs <= nowMs) throw new ControllerError('bad_request', 'the approval would have expired already');
  if (!isJson(request.arguments)) {
    throw new ControllerError('bad_request', 'expected masked arguments as JSON text');
  }
  return {
    ...request,
    id: randomUUIDv7(),
    namespace: from.namespace,
    workload: from.uri,
    state: 'pending',
    createdAt: new Date(nowMs).toISOString(),
    expiresAt: new Date(expiresMs).toISOString(),
    decisions: [],
  };
}

/** Settled copies, so that an expired one is not taken for live. */
export function settled(stored: readonly { readonly approval: HeldApproval }[], nowMs: number): HeldApproval[] {
  return stored.map(({ approval }) => settle(approval, nowMs));
}

function isSameCaller({ caller: one }: HeldApproval, { caller: other }: ApprovalRequest): boolean {
  return one.iss === other.iss && one.sub === other.sub && one.clientId === other.clientId;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
