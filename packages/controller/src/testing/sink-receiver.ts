/** A receiver over real HTTP that answers as it is told, and keeps what it took. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** `reset-after`: it keeps the body, and the sender never learns that. */
export type Behaviour =
  | 'take'
  | 'reset'
  | 'reset-after'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface SinkReceiver {
  readonly url: string;
  /** Every body that it kept, in order. */
  readonly kept: readonly Received[];
  readonly requests: number;
  close(): Promise<void>;
}

/** `behaviour` is asked for each request, counted from 0. */
export async function startSinkReceiver(
  behaviour: (request: number) => Behaviour = () => 'take',
): Promise<SinkReceiver> {
  const kept: Received[] = [];
  let requests = 0;
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const told = behaviour(requests);
    requests += 1;
    if (told === 'reset') return void incoming.socket.destroy();
    const body = await text(incoming);
    const takes = told === 'take' || told === 'reset-after' || told.status < 300;
    if (takes) kept.push({ path: incoming.url ?? '', headers: incoming.headers, body });
    if (told === 'reset-after') return void incoming.socket.destroy();
    const { status, headers = {}, body: said = '{}' } = told === 'take' ? { status: 200 } : told;
    return void outgoing.writeHead(status, headers).end(said);
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing).catch(() => outgoing.destroy()));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    kept,
    get requests() {
      return requests;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
