/** A request with a Host of the test's choice, which `fetch` does not allow. */
import { request, type IncomingHttpHeaders } from 'node:http';

export interface Asked {
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `host` absent: `localhost` with the port of the URL. */
export async function ask(url: string, path: string, asked: Asked = {}): Promise<Told> {
  const { port } = new URL(url);
  const { host = `localhost:${port}`, method = 'GET', headers = {}, body } = asked;
  const all = Object.fromEntries(
    Object.entries({ host, ...headers }).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method, headers: all, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    req.on('error', reject);
    req.end(body);
  });
}
