// An HTTP server that says who it is and how it was reached; NAME, HOST and PORT choose. With AFTER, a URL,
// it first says whether that answers already.
import { createServer } from 'node:http';

const { NAME = 'app', HOST = '::', PORT = '8080', AFTER } = process.env;
if (AFTER !== undefined) {
  const answered = await fetch(AFTER).then(
    () => 'answered',
    () => 'did not answer',
  );
  console.log(`at start ${AFTER} ${answered}`);
}
createServer((request, response) => {
  const { localAddress, localPort } = request.socket;
  response.end(`${JSON.stringify({ name: NAME, url: request.url, local: `${localAddress} ${localPort}` })}\n`);
}).listen(Number(PORT), HOST, () => console.log(`${NAME} listens on ${HOST} ${PORT}`));
process.on('SIGTERM', () => process.exit(0));
