/**
 * An exchange whose client is the sidecar itself: a held call whose own exchange has been answered with a task still runs
 * through the same steps, with the same headers, and its answer is masked and recorded as any other.
 */
import { createServer, request, type IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import { SseDecoder } from '@tachograph/protocol';
import { ByteCollector } from './byte-collector.ts';
import type { Exchange } from './exchange.ts';

export interface InnerCall<Answer> {
  /** What the client has shown last; absent: nothing. */
  readonly authorization: string | undefined;
  /** Ends it, as a client that leaves. */
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** Answers the exchange. */
  readonly take: (inner: Exchange) => Promise<void>;
  /** The answer in one message; `undefined` for anything else that is said on the way to it. */
  readonly read: (message: string) => Answer | undefined;
}

/** `answer`: what was read, `undefined` where there was nothing of it; `status`: of the HTTP answer, where one came. */
export interface InnerAnswer<Answer> {
  readonly answer: Answer | undefined;
  readonly status?: number | undefined;
}

/** Never rejects. */
export async function callInside<Answer>(exchange: Exchange, call: InnerCall<Answer>): Promise<InnerAnswer<Answer>> {
  const [near, far] = duplexPair();
  const server = createServer({ maxHeaderSize: 1024 * 1024 }, (req, res) => {
    res.on('error', () => undefined);
    const waiting = new Map(exchange.waiting);
    call.take({ ...exchange, req, res, waiting, tail: undefined, ended: false }).catch(() => res.destroy());
  });
  server.maxHeadersCount = 0;
  server.emit('connection', far);
  const { authorization, signal } = call;
  try {
    return await new Promise((resolve) => {
      const none = (): void => resolve({ answer: undefined });
      const sent = request({
        createConnection: () => near,
        method: exchange.method,
        path: exchange.target,
        headers: headersOf(exchange, authorization),
        maxHeaderSize: 1024 * 1024,
        signal,
      });
      sent.once('error', none);
      sent.once('response', (answer) => void readAnswer(answer, call).then(resolve, none));
      sent.end();
    });
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
}

/** They are the exchange's own to say, or of the connection. */
const left: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
]);

function headersOf({ req: { rawHeaders } }: Exchange, authorization: string | undefined): readonly string[] {
  const kept = rawHeaders.filter((_, at) => !left.has((rawHeaders[at - (at % 2)] ?? '').toLowerCase()));
  return [...kept, ...(authorization === undefined ? [] : ['authorization', authorization]), 'content-length', '0'];
}

async function readAnswer<Answer>(answer: IncomingMessage, call: InnerCall<Answer>): Promise<InnerAnswer<Answer>> {
  const { statusCode: status, headers } = answer;
  const isStream = headers['content-type']?.startsWith('text/event-stream') === true;
  return { answer: await (isStream ? readEvents(answer, call) : readWhole(answer, call)), status };
}

async function readWhole<Answer>(
  answer: IncomingMessage,
  { maxBytes, read }: InnerCall<Answer>,
): Promise<Answer | undefined> {
  const bytes = new ByteCollector();
  for await (const chunk of answer) {
    bytes.add(toBytes(chunk));
    if (bytes.length > maxBytes) return undefined;
  }
  return read(bytes.take().toString());
}

/** To the end: until then the call is not over. */
async function readEvents<Answer>(
  answer: IncomingMessage,
  { maxBytes, read }: InnerCall<Answer>,
): Promise<Answer | undefined> {
  const decoder = new SseDecoder(maxBytes);
  let found: Answer | undefined;
  for await (const chunk of answer) {
    const events = decoder.push(toBytes(chunk));
    if (events === 'overflow') return undefined;
    for (const { data = '' } of events) if (data !== '') found ??= read(data);
  }
  return found;
}

function toBytes(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}
