import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { pageRefusal } from './login-request.ts';

function requestWith(headers: Readonly<Record<string, string>>): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  Object.assign(req.headers, { host: 'tachograph.localhost:8080', ...headers });
  return req;
}

const own = 'http://tachograph.localhost:8080';
const alone = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

test.each<[string, Record<string, string>, ReturnType<typeof pageRefusal>]>([
  ['a program', {}, undefined],
  ['the client’s browser being opened', { 'sec-fetch-site': 'none', ...alone }, undefined],
  ['a redirect from the company’s provider', { 'sec-fetch-site': 'cross-site', ...alone }, undefined],
  ['the consent form', { 'sec-fetch-site': 'same-origin', ...alone, origin: own }, undefined],
  ['the form of a page that sends no referrer', { 'sec-fetch-site': 'same-origin', origin: 'null' }, undefined],
  ['a browser that says no more than the origin', { origin: own }, undefined],
  ['a service worker’s script', { 'service-worker': 'script', 'sec-fetch-site': 'same-origin' }, 'service_worker'],
  [
    'the application’s form',
    { 'sec-fetch-site': 'same-site', ...alone, origin: 'http://localhost:8080' },
    'login_origin',
  ],
  ['another port’s form', { origin: 'http://tachograph.localhost:9090', ...alone }, 'login_origin'],
  ['a sandboxed frame’s form', { 'sec-fetch-site': 'cross-site', ...alone, origin: 'null' }, 'login_origin'],
  ['an origin that says nothing', { origin: 'null' }, 'login_origin'],
  [
    'the application’s frame',
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    'login_embedded',
  ],
  [
    'the application’s script that fetches',
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' },
    'login_embedded',
  ],
  [
    'an image',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    'login_embedded',
  ],
])('of %s', (_who, headers, refusal) => {
  expect(pageRefusal(requestWith(headers))).toBe(refusal);
});
