import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Posts JSON; the body of a 200, or `undefined` for everything else. Never rejects. */
export type PostJson = (url: URL, body: string, signal: AbortSignal) => Promise<string | undefined>;

const maxAnswerBytes = 4 * 1024 * 1024;

/** With connections that are kept; they do not keep the process. */
export function createPostJson(): PostJson {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return async (url, body, signal) =>
    new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const isTls = url.protocol === 'https:';
      const send = isTls ? httpsRequest : httpRequest;
      const fail = (): void => resolve(undefined);
      const sent = send(
        url,
        { method: 'POST', headers, signal, agent: isTls ? agents.https : agents.http },
        (answer) => {
          if (answer.statusCode === 200) collect(answer, resolve);
          else {
            answer.resume();
            fail();
          }
        },
      );
      sent.on('error', fail);
      sent.end(body);
    });
}

function collect(answer: IncomingMessage, resolve: (text: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  answer.on('data', (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length > maxAnswerBytes) answer.destroy();
  });
  answer.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  answer.on('error', () => resolve(undefined));
  answer.on('close', () => resolve(undefined));
}
