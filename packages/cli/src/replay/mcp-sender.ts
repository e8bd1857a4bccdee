/** Sends recorded messages to a server over Streamable HTTP, as their client did. */
import { isJsonObject, parseJson, SseDecoder } from '@tachograph/protocol';

/** What the server answered to one request. */
export type Answer =
  | { readonly kind: 'answered'; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: 'failed'; readonly reason: string };

export interface SenderOptions {
  readonly url: string;
  /** Added to every request, for a sandbox's own credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
}

/** One message to send. `id`: JSON text of the request's id; absent for what gets no answer. */
export interface Outgoing {
  readonly body: string;
  readonly id?: string;
  /** The `mcp-` headers that the client sent, but its session's. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface McpSender {
  /** Never rejects: what goes wrong is an answer. */
  send(outgoing: Outgoing): Promise<Answer>;
  /** Ends the session at the server, where it opened one. */
  close(): Promise<void>;
}

const maxAnswerBytes = 64 * 1024 * 1024;

/** A sender that keeps the session that the server opens. */
export function createMcpSender(options: SenderOptions): McpSender {
  let session: string | undefined;
  const headersOf = (own: Readonly<Record<string, string>>): Record<string, string> => ({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...own,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
    ...options.headers,
  });
  return {
    async send({ body, id, headers }) {
      try {
        const response = await options.fetch(options.url, {
          method: 'POST',
          body,
          headers: headersOf(headers),
          // Elsewhere than where it was told to nothing is sent.
          redirect: 'manual',
          signal: AbortSignal.timeout(options.timeoutMs),
        });
        session = response.headers.get('mcp-session-id') ?? session;
        return await readAnswer(response, id);
      } catch (error) {
        return { kind: 'failed', reason: failureText(error, options.timeoutMs) };
      }
    },
    async close() {
      if (session === undefined) return;
      const ending = options.fetch(options.url, {
        method: 'DELETE',
        headers: headersOf({}),
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      await ending.then(async (response) => response.body?.cancel()).catch(() => undefined);
    },
  };
}

function failureText(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

async function readAnswer(response: Response, id: string | undefined): Promise<Answer> {
  if (id === undefined) {
    await response.body?.cancel();
    return response.ok ? { kind: 'answered', message: {} } : { kind: 'failed', reason: `HTTP ${response.status}` };
  }
  const type = response.headers.get('content-type') ?? '';
  const found = type.startsWith('text/event-stream')
    ? await fromEvents(response, id)
    : fromJson(await readText(response), id);
  if (found !== undefined) return { kind: 'answered', message: found };
  return { kind: 'failed', reason: response.ok ? 'no answer to this request' : `HTTP ${response.status}` };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes: Uint8Array = chunk;
    size += bytes.length;
    if (size > maxAnswerBytes) throw tooLong();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLong(): Error {
  return new Error(`the answer is longer than ${maxAnswerBytes} bytes`);
}

function fromJson(text: string, id: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text);
  const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
  return messages.filter(isJsonObject).find((message) => isAnswerTo(message, id));
}

async function fromEvents(response: Response, id: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const decoder = new SseDecoder();
  let size = 0;
  if (response.body === null) return undefined;
  for await (const chunk of response.body) {
    const bytes: Uint8Array = chunk;
    size += bytes.length;
    const events = decoder.push(bytes);
    if (events === 'overflow' || size > maxAnswerBytes) throw tooLong();
    const found = events.map(({ data = '' }) => fromJson(data, id)).find((message) => message !== undefined);
    // The stream may stay open: the answer is all that was asked for.
    if (found !== undefined) return found;
  }
  return undefined;
}

function isAnswerTo(message: Readonly<Record<string, unknown>>, id: string): boolean {
  return ('result' in message || 'error' in message) && JSON.stringify(message['id']) === id;
}
