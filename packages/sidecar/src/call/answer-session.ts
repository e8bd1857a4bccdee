/** The session that an answer opens or ends. */
import type { IncomingMessage } from 'node:http';
import type { Exchange } from './exchange.ts';
import type { CallContext } from './ports.ts';

/** An answer to `initialize` names the server's session, or none: then the caller is the key. */
export async function openAnsweredSession(
  context: CallContext,
  exchange: Exchange,
  answer: IncomingMessage,
): Promise<void> {
  const issued = answer.headers['mcp-session-id'];
  if (typeof issued === 'string') {
    exchange.mcpSessionId = issued;
    context.sessions.issue(issued, exchange.principal);
  }
  exchange.session = await context.sessions.open(
    context.recorder,
    exchange,
    context.sessions.client(exchange, undefined),
  );
}

/** A DELETE that was accepted, or a 404 to a named session, ends it. */
export function endedSession({ method, mcpSessionId }: Exchange, status: number): 'delete' | '404' | undefined {
  if (mcpSessionId === undefined) return undefined;
  if (status === 404) return '404';
  return method === 'DELETE' && status >= 200 && status < 300 ? 'delete' : undefined;
}
