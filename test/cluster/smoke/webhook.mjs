// An admission webhook that denies the user "mallory" and prints what it was asked; TLS_DIR holds tls.key and tls.crt.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const directory = process.env.TLS_DIR;
const tls = { key: readFileSync(`${directory}/tls.key`), cert: readFileSync(`${directory}/tls.crt`) };

async function review(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { uid, operation, subResource, userInfo } = JSON.parse(body).request;
  console.log(`${operation} pods/${subResource} by ${userInfo.username}`);
  const allowed = userInfo.username !== 'mallory';
  const response = { uid, allowed, ...(allowed ? {} : { status: { code: 403, message: 'not this user' } }) };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

createServer(tls, (request, response) => {
  void review(request).then((answer) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)),
  );
}).listen(8443, '127.0.0.1', () => console.log('listens'));
