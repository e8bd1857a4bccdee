/** Clients that run in a browser read metadata and tokens across origins (Fetch standard, CORS). No cookie is involved. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** For what anybody may read who may ask at all. */
export const readableByAll = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'WWW-Authenticate, Retry-After',
} as const;

/** Whether a browser asks what it may send. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}

/** `methods`: those of the path. */
export function answerPreflight(res: ServerResponse, methods: readonly string[]): void {
  res.writeHead(204, {
    ...readableByAll,
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': 'Authorization, Content-Type, Accept, MCP-Protocol-Version',
    'access-control-max-age': '600',
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  });
  res.end();
}

/** A refusal that a client in a browser can read: without this it sees that the call failed, and not that it must log in. */
export function readableByCaller({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const { origin } = headers;
  return origin === undefined
    ? {}
    : {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'WWW-Authenticate, Mcp-Session-Id',
        vary: 'Origin',
      };
}
