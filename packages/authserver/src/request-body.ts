import { IncomingMessage } from 'node:http';

/** Longer bodies are refused: a registration or a token request has a few hundred bytes. */
const maxBodyBytes = 56 * 1024;

/** The body; `undefined` when it is too long (the rest is not read). Throws when the caller goes away in mid-body. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

/** The same request with another body, for a handler that reads the body itself. */
export function withBody(request: IncomingMessage, body: Uint8Array): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  copy.method = request.method ?? 'POST';
  copy.url = request.url ?? '/';
  copy.httpVersion = request.httpVersion;
  copy.httpVersionMajor = request.httpVersionMajor;
  copy.httpVersionMinor = request.httpVersionMinor;
  const { 'transfer-encoding': _chunked, 'content-encoding': _encoded, ...headers } = request.headers;
  copy.headers = { ...headers, 'content-length': String(body.length) };
  copy.complete = true;
  copy.push(body);
  copy.push(null);
  return copy;
}
