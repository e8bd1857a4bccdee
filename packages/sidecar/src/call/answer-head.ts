/** The head of the application's answer, as the client gets it: everything but hop-by-hop headers, order and case kept. */
import type { IncomingMessage, ServerResponse } from 'node:http';

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** How the answer's body differs from what the application sent. */
export interface BodyChange {
  /** New length; absent: the length is as it was, or unknown. */
  readonly length?: number;
  /** The content coding was undone. */
  readonly decoded?: boolean;
  /** The body goes out as it comes, and may become shorter or longer than announced. */
  readonly streamed?: boolean;
}

export function sendHead(res: ServerResponse, answer: IncomingMessage, change: BodyChange = {}): void {
  const named = namedByConnection(answer.headers.connection);
  const headers: string[] = [];
  const { rawHeaders } = answer;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!isDropped(name.toLowerCase(), change, named)) headers.push(name, rawHeaders[at + 1] ?? '');
  }
  if (change.length !== undefined) headers.push('content-length', String(change.length));
  res.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
}

function isDropped(name: string, change: BodyChange, named: readonly string[]): boolean {
  if (hopByHop.has(name) || named.includes(name)) return true;
  if (name === 'content-length') return change.length !== undefined || change.streamed === true;
  return name === 'content-encoding' && change.decoded === true;
}

function namedByConnection(connection: string | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return [];
  return connection.split(',').map((name) => name.trim().toLowerCase());
}
