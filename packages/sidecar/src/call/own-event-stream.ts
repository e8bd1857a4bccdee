/** A stream that the sidecar itself opens while a call is held: no answer's head can come later, only events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sseMessage } from '@tachograph/protocol';

const eventStream = 'text/event-stream';

/** Whether the client takes its answer as a stream. */
export function takesEventStream({ headers }: IncomingMessage): boolean {
  const { accept } = headers;
  return accept !== undefined && accept.toLowerCase().includes(eventStream);
}

/** Sends the head; clients wait for one for a minute at most. */
export function openEventStream(res: ServerResponse): void {
  if (res.headersSent || res.destroyed) return;
  // Set, not written: what the application's answers write is no header that can be asked for afterwards.
  res.setHeader('content-type', eventStream);
  res.setHeader('cache-control', 'no-store');
  res.setHeader('x-accel-buffering', 'no');
  res.writeHead(200);
  res.flushHeaders();
}

export function isOwnEventStream(res: ServerResponse): boolean {
  return res.headersSent && res.getHeader('content-type') === eventStream;
}

/** Sends the last event, or none. */
export function endEventStream(res: ServerResponse, message?: string): void {
  if (res.destroyed || res.writableEnded) return;
  if (message === undefined) res.end();
  else res.end(sseMessage(message));
}
