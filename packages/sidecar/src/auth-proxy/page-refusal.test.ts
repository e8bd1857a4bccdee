import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pageRefusal, requestHeaders } from './login-request.ts';
import type { LoginRoute } from './login-routes.ts';

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

const token: LoginRoute = { endpoint: 'token', methods: ['POST'], path: '/as/n/w/token', isPage: false };
const page: LoginRoute = { endpoint: 'interaction', methods: ['GET'], path: '/as/n/w/interaction/u', isPage: true };
const protocolHeaders = ['accept', 'accept-encoding', 'content-type', 'tacho-origin'];
const pageHeaders = [
  ...protocolHeaders,
  'accept-language',
  'cookie',
  'origin',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'tacho-page',
];
const headerName = fc.oneof(
  fc.constantFrom(
    'authorization',
    'cookie',
    'x-forwarded-host',
    'forwarded',
    'tacho-origin',
    'tacho-page',
    'connection',
  ),
  fc.stringMatching(/^[a-z-]{1,20}$/),
);

test('whatever a request carries, the controller gets what is listed and the sidecar’s own word for the rest', () => {
  fc.assert(
    fc.property(fc.dictionary(headerName, fc.string()), fc.boolean(), (headers, isPage) => {
      const { host: _host, ...rest } = headers;
      const sent = requestHeaders(requestWith(rest), isPage ? page : token);
      const listed = isPage ? pageHeaders : protocolHeaders;
      expect(Object.keys(sent).filter((name) => !listed.includes(name))).toEqual([]);
      expect(sent['tacho-origin']).toBe(own);
      expect(sent['tacho-page']).toBe(isPage ? '1' : undefined);
      expect(sent['accept-encoding']).toBe('identity');
    }),
  );
});

test('no other origin makes a browser send anything here', () => {
  fc.assert(
    fc.property(fc.webUrl(), (url) => {
      const { origin } = new URL(url);
      expect(pageRefusal(requestWith({ origin, ...alone }))).toBe(origin === own ? undefined : 'login_origin');
    }),
  );
});
