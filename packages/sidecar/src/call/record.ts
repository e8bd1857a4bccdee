/** Writing records down, and what happens when that fails. */
import type { Outcome } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import { sendRefusal } from './answer.ts';
import { addRequestFacts, baseDraft, outcomeDraft } from './drafts.ts';
import { onlyId, sourceOf, type Draft, type Exchange } from './exchange.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import type { RefusalName } from './refusals.ts';

/** Resolves to true when every record is durable; false when one could not be taken: nothing may then be released. */
export async function durable(context: CallContext, drafts: readonly Draft[]): Promise<boolean> {
  try {
    const [first] = drafts;
    if (drafts.length === 1 && first !== undefined) await context.recorder.append(first);
    // Appends are ordered, but each one's durability is its own promise.
    else await Promise.all(drafts.map(async (draft) => context.recorder.append(draft)));
    return true;
  } catch (error) {
    context.log.error('record refused', { err: describeError(error) });
    return false;
  }
}

/** The last record of an exchange that nobody waits for any more. */
export function recordOutcome(
  context: CallContext,
  exchange: Exchange,
  outcome: Outcome,
  detail?: Readonly<Record<string, unknown>>,
): void {
  if (exchange.ended) return;
  exchange.ended = true;
  const draft = outcomeDraft(context, exchange, outcome, detail);
  context.recorder.append(draft).catch((error: unknown) => {
    context.log.error('outcome not recorded', { exchange: exchange.number, err: describeError(error) });
  });
}

/** Refuses somebody whom nobody has identified: counted, not recorded one by one, so that a flood fills nothing. */
export function refuseStranger(
  context: CallContext,
  exchange: Exchange,
  name: RefusalName,
  reason: string = name,
): void {
  countRefusal(context, exchange, reason);
  sendRefusal(exchange.res, name, reason === name ? undefined : reason);
}

export function countRefusal(context: CallContext, exchange: Exchange, reason: string): void {
  context.tally.add('refused');
  context.refusals.count({ source: sourceOf(exchange.req), reason, origin: exchange.entry.origin });
}

/** The call could not be recorded: nothing of it is passed on, and a `gap` record says so when one can be written. */
export function refuseUnrecorded(context: CallContext, exchange: Exchange): void {
  countRefusal(context, exchange, 'recorder');
  sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
}

/** Refuses an identified caller: the refusal is recorded before it is sent. */
export async function refuse(
  context: CallContext,
  exchange: Exchange,
  name: RefusalName,
  detail?: string,
): Promise<void> {
  const policy = context.policy.current();
  exchange.ended = true;
  context.tally.add('refused');
  const draft = baseDraft(exchange, 'http.exchange', 's2c');
  draft.outcome = 'refused';
  draft.detail = detail === undefined ? { reason: name } : { reason: name, detail };
  if (policy !== undefined) addRequestFacts(context, exchange, draft, policy);
  const recorded = policy !== undefined && (await durable(context, [draft]));
  if (!recorded) countRefusal(context, exchange, name);
  sendRefusal(exchange.res, recorded ? name : 'recorder', recorded ? detail : undefined, exchange.requestId);
}

/** An exchange without a message, as it goes to the application. */
export function exchangeDraft(context: CallContext, exchange: Exchange, policy: PolicyInForce): Draft {
  const draft = baseDraft(exchange, 'http.exchange', 'c2s');
  addRequestFacts(context, exchange, draft, policy);
  return draft;
}
