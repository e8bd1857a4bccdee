/** Step 7: to the application, by http-proxy. Nothing is retried: a call may not run twice. */
import type { IncomingMessage } from 'node:http';
import { sendRefusal } from './answer.ts';
import { onlyId, type Exchange } from './exchange.ts';
import { credentialFor } from './credential.ts';
import type { CallContext } from './ports.ts';
import { recordOutcome } from './record.ts';
import { respond } from './respond.ts';
import { forgetElsewhere } from './respond-whole.ts';

export interface Outgoing {
  readonly body?: Buffer | string;
  readonly streamed?: { readonly head: Buffer };
  /** For requests of nobody known: the credential is not lent to them. */
  readonly withoutCredential?: true;
  /** Takes the answer; default: the answer to MCP messages. */
  readonly onAnswer?: (answer: IncomingMessage) => void;
}

export function forward(context: CallContext, exchange: Exchange, { onAnswer, ...outgoing }: Outgoing): void {
  const { req, res, target } = exchange;
  // Asked again: a held call may have waited for longer than the credential was there.
  const credential = credentialFor(context, exchange, outgoing.withoutCredential !== true);
  if (typeof credential === 'string') return withoutCredential(context, exchange, credential);
  exchange.entry.forwarder.forward(req, res, {
    ...outgoing,
    target,
    keepAuthorization: exchange.identity !== 'checked',
    ...(credential === undefined ? {} : { credential }),
    onResponse: onAnswer ?? ((answer) => respond(context, exchange, answer)),
    onError: () => failed(context, exchange),
  });
}

function withoutCredential(context: CallContext, exchange: Exchange, reason: string): void {
  forgetElsewhere(context, exchange);
  context.tally.add('refused');
  recordOutcome(context, exchange, 'refused', { reason: 'credential', detail: reason });
  sendRefusal(exchange.res, 'credential', reason, onlyId(exchange));
}

/** No answer came. When the client left first, that is why. */
function failed(context: CallContext, exchange: Exchange): void {
  if (exchange.ended) return;
  forgetElsewhere(context, exchange);
  if (exchange.res.destroyed) {
    context.tally.add('disconnected');
    recordOutcome(context, exchange, exchange.modern ? 'cancelled' : 'disconnected');
    return;
  }
  context.tally.add('upstream_error');
  recordOutcome(context, exchange, 'upstream_error');
  sendRefusal(exchange.res, 'upstream', undefined, onlyId(exchange));
}
