/** What alert rules see of calls. Nothing waits for it, and nothing is changed by it. */
import { isCredentialRule } from '@tachograph/masking';
import { mcpTarget, type Decision, type JsonRpcMessage } from '@tachograph/protocol';
import type { AnyCopy } from './drafts.ts';
import { sourceOf, type Exchange } from './exchange.ts';
import type { CallContext, PolicyInForce, TokenRefusal } from './ports.ts';

interface Watched {
  readonly message: JsonRpcMessage;
  readonly decision: Decision;
  readonly copy: AnyCopy;
}

/** Shows judged messages to the rules. */
export function watchCalls(
  { alerts }: CallContext,
  { principal, session }: Exchange,
  { alerts: rules = [] }: PolicyInForce,
  judged: readonly Watched[],
): void {
  if (rules.length === 0) return;
  for (const { message, decision, copy } of judged) {
    if (message.kind === 'response') continue;
    const { method } = message;
    const { tool } = mcpTarget(method, message.params);
    const holdsCredential = (copy.mask.spans ?? []).some(({ rule }) => isCredentialRule(rule));
    alerts.call(rules, { principal, session, method, tool, verdict: decision.verdict, holdsCredential });
  }
}

/** Clients without a token ask for the way to get one, and tokens expire in every client's hands. */
const ordinary: ReadonlySet<TokenRefusal> = new Set(['token_missing', 'token_expired']);

/** Shows a refused token to the rules. */
export function watchRefusedToken({ alerts, policy }: CallContext, { req }: Exchange, reason: TokenRefusal): void {
  if (ordinary.has(reason)) return;
  const rules = policy.current()?.alerts ?? [];
  if (rules.length > 0) alerts.refusedToken(rules, sourceOf(req));
}
