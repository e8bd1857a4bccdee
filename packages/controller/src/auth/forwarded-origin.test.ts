import { describe, expect, test } from '@jest/globals';
import { parseForwardedOrigin } from './forwarded-origin.ts';

describe('an origin that a sidecar forwards', () => {
  test.each([
    ['http://localhost:8080', 'http://localhost:8080', 'http://tachograph.localhost:8080'],
    ['http://127.0.0.1:49152', 'http://127.0.0.1:49152', 'http://tachograph.localhost:49152'],
    ['http://[::1]:8080', 'http://[::1]:8080', 'http://tachograph.localhost:8080'],
    ['http://localhost', 'http://localhost', 'http://tachograph.localhost'],
    ['http://localhost:80', 'http://localhost', 'http://tachograph.localhost'],
  ])('%s has its pages beside it', (given, origin, pageOrigin) => {
    expect(parseForwardedOrigin(given, undefined)).toEqual({ origin, pageOrigin, isPage: false });
  });

  test('a page stands for the endpoints on localhost', () => {
    expect(parseForwardedOrigin('http://tachograph.localhost:8080', '1')).toEqual({
      origin: 'http://localhost:8080',
      pageOrigin: 'http://tachograph.localhost:8080',
      isPage: true,
    });
  });

  test.each([
    ['', undefined],
    ['https://localhost:8080', undefined],
    ['http://localhost:8080/', undefined],
    ['http://localhost:8080/as', undefined],
    ['http://localhost:0', undefined],
    ['http://localhost:65536', undefined],
    ['http://localhost:080', undefined],
    ['http://LOCALHOST:8080', undefined],
    ['http://user@localhost:8080', undefined],
    ['http://localhost.evil.example:8080', undefined],
    ['http://evil.example', undefined],
    ['http://127.0.0.2:8080', undefined],
    ['http://[::]:8080', undefined],
    ['http://x.tachograph.localhost:8080', '1'],
    ['http://tachograph.localhost:8080', undefined],
    ['http://localhost:8080', '1'],
    ['http://tachograph.localhost:8080', 'true'],
    ['http://localhost:8080', ''],
    ['http://localhost:8080\n', undefined],
  ])('%j with page %j is none', (origin, page) => {
    expect(parseForwardedOrigin(origin, page)).toBeUndefined();
  });
});
