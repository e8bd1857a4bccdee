/** Answers of the sidecar itself. */
import type { ServerResponse } from 'node:http';
import { jsonRpcError, type JsonRpcId } from '@tachograph/protocol';
import { endEventStream, isOwnEventStream } from './own-event-stream.ts';
import { refusals, type RefusalName } from './refusals.ts';

/** Sends one complete JSON answer, as the last event where the sidecar has opened a stream; does nothing when the client has left or was answered. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (isOwnEventStream(res)) return endEventStream(res, body);
  if (res.headersSent || res.destroyed) return;
  const bytes = Buffer.from(body);
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  });
  res.end(bytes);
}

/** Refuses with a JSON-RPC error: clients of either era can read it, whatever they asked. */
export function sendRefusal(
  res: ServerResponse,
  name: RefusalName,
  detail?: string,
  id: JsonRpcId | null = null,
): void {
  const { status, code, text } = refusals[name];
  const message = detail === undefined ? text : `${text}: ${detail}`;
  sendJson(res, status, jsonRpcError(id, code, message), closingHeaders(res));
  discardBody(res);
}

/**
 * A body up to here that nobody wants is read and dropped. Giving the connection up while the client still sends resets
 * it, and one reset ends a whole `kubectl port-forward`; receiving is bounded by the request timeout anyway.
 */
const worthReading = 64 * 1024 * 1024;

/** For a larger body, or one that announces no length, the connection is given up. */
export function closingHeaders({ req }: ServerResponse): Readonly<Record<string, string>> {
  const length = Number(
    req.headers['content-length'] ?? (req.headers['transfer-encoding'] === undefined ? 0 : Infinity),
  );
  return req.complete || length <= worthReading ? {} : { connection: 'close' };
}

export function discardBody({ req }: ServerResponse): void {
  if (!req.complete) req.resume();
}
