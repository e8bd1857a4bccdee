import { flagAt, numberAt, objectAt, textAt, textsAt } from './fields.ts';
import type { Json } from './transport.ts';

/** What a TokenReview of an authenticated token says. */
export interface TokenIdentity {
  readonly kind: 'authenticated';
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  /** Audiences that both the token and the caller named. */
  readonly audiences: readonly string[];
  /** Set for a ServiceAccount's token. */
  readonly namespace?: string;
  readonly serviceAccount?: string;
  /** Set for a pod-bound token. */
  readonly podName?: string;
  readonly podUid?: string;
  /** Expiry in epoch seconds, read from the token after the API server accepted it. */
  readonly expires?: number;
}
/** `refused`: the API server does not accept the token, or not for the audiences asked. */
export type TokenReviewResult = TokenIdentity | { readonly kind: 'refused'; readonly message: string };

export function toTokenReview(answer: Json, token: string): TokenReviewResult {
  const status = objectAt(answer, 'status');
  if (!flagAt(status, 'authenticated')) {
    return { kind: 'refused', message: textAt(status, 'error') ?? 'the API server does not accept the token' };
  }
  const user = objectAt(status, 'user');
  const username = textAt(user, 'username') ?? '';
  const expires = expiryOf(token);
  return {
    kind: 'authenticated',
    username,
    uid: textAt(user, 'uid') ?? '',
    groups: textsAt(user, 'groups'),
    audiences: textsAt(status, 'audiences'),
    ...serviceAccountOf(username),
    ...podOf(objectAt(user, 'extra')),
    ...(expires === undefined ? {} : { expires }),
  };
}

function serviceAccountOf(username: string): Pick<TokenIdentity, 'namespace' | 'serviceAccount'> {
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  return namespace === undefined || serviceAccount === undefined ? {} : { namespace, serviceAccount };
}

function podOf(extra: Json): Pick<TokenIdentity, 'podName' | 'podUid'> {
  const podName = textsAt(extra, 'authentication.kubernetes.io/pod-name')[0];
  const podUid = textsAt(extra, 'authentication.kubernetes.io/pod-uid')[0];
  return podName === undefined || podUid === undefined ? {} : { podName, podUid };
}

/** `exp` of a JWT whose signature somebody else has checked. */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? numberAt({ ...claims }, 'exp') : undefined;
  } catch {
    return undefined;
  }
}
