/** Between identity and rules: what comes too often is not judged at all, and what the rules deny has counted. */
import type { Decision } from '@tachograph/protocol';
import { toPolicyCall, type Judging } from './judge.ts';
import type { ParsedMessage } from './parse-body.ts';
import type { CallContext, PolicyInForce } from './ports.ts';

/** The denial of a message that is over a limit. */
export function limited(
  context: CallContext,
  { limits = [] }: PolicyInForce,
  parsed: ParsedMessage,
  judging: Judging,
): Decision | undefined {
  if (limits.length === 0 || parsed.message.kind === 'response') return undefined;
  return context.limits.take(limits, toPolicyCall(parsed, judging));
}
