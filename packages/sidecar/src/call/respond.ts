/** Step 8: the application's answer. Each message is masked, recorded, durable, and only then released. */
import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';
import { relayStream } from './respond-stream.ts';
import { respondWhole } from './respond-whole.ts';

export function respond(context: CallContext, exchange: Exchange, answer: IncomingMessage): void {
  const type = answer.headers['content-type'];
  if (type?.startsWith('text/event-stream') === true) relayStream(context, exchange, answer);
  else respondWhole(context, exchange, answer);
}
