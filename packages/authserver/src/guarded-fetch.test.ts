import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDocumentServer, type DocumentServer } from './document-server.test-support.ts';
import { createGuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';
import { isPublicAddress } from './public-address.ts';

describe('a guarded fetch', () => {
  let documents: DocumentServer;

  beforeEach(async () => {
    documents = await openDocumentServer((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: '/document' }).end();
      else if (request.url === '/large') response.end('x'.repeat(20_000));
      else if (request.url === '/slow') response.write('x');
      else response.writeHead(200, { 'cache-control': 'max-age=60', 'set-cookie': 'a=b' }).end('{}');
    });
  });
  afterEach(() => documents.close());

  function fetchHere(path: string, options: GuardedFetchOptions = {}): Promise<Response> {
    const here = { resolve: async () => ['127.0.0.1'], isAllowedAddress: () => true, ca: documents.ca };
    return createGuardedFetch({ ...here, ...options })(`${documents.origin}${path}`);
  }

  test('gives status, body and caching headers, and nothing else', async () => {
    const response = await fetchHere('/document');
    expect([response.status, await response.text(), [...response.headers]]).toEqual([
      200,
      '{}',
      expect.arrayContaining([['cache-control', 'max-age=60']]),
    ]);
    expect(response.headers.has('set-cookie')).toBe(false);
  });

  test('follows no redirect', async () => {
    expect((await fetchHere('/redirect')).status).toBe(302);
    expect(documents.requests).toEqual(['/redirect']);
  });

  test('refuses long and slow documents, plain http and untrusted certificates', async () => {
    await expect(fetchHere('/large')).rejects.toMatchObject({ code: 'too_large' });
    await expect(fetchHere('/slow', { timeoutMs: 200 })).rejects.toMatchObject({ code: 'too_slow' });
    await expect(createGuardedFetch()('http://documents.client.example/')).rejects.toMatchObject({ code: 'not_https' });
    const withoutCa = createGuardedFetch({ resolve: async () => ['127.0.0.1'], isAllowedAddress: () => true });
    await expect(withoutCa(`${documents.origin}/document`)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test.each([
    ['169.254.169.254', ['169.254.169.254']],
    ['loopback', ['127.0.0.1']],
    ['IPv6 loopback', ['::1']],
    ['a private network', ['10.1.2.3']],
    ['an IPv4 address in IPv6 clothes', ['::ffff:127.0.0.1']],
    ['a translated address', ['64:ff9b::7f00:1']],
    ['one public and one private address', ['93.184.216.34', '192.168.1.1']],
    ['nothing', []],
    ['no address', ['metadata']],
  ])('connects to no host that resolves to %s', async (_name, addresses) => {
    await expect(
      fetchHere('/document', { resolve: async () => addresses, isAllowedAddress: isPublicAddress }),
    ).rejects.toMatchObject({ code: 'not_public' });
    expect(documents.requests).toEqual([]);
  });

  test.each([
    'https://127.0.0.1:1/',
    'https://[::1]:1/',
    'https://2130706433:1/',
    'https://0x7f.1:1/',
    'https://[::ffff:a9fe:a9fe]/',
  ])('connects to no literal address like %s', async (url) => {
    await expect(createGuardedFetch()(url)).rejects.toMatchObject({ code: 'not_public' });
  });

  test('refuses a host that does not resolve, and one whose lookup never ends', async () => {
    const lost = createGuardedFetch({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    await expect(lost('https://documents.client.example/')).rejects.toMatchObject({ code: 'unreachable' });
    const endless = createGuardedFetch({ resolve: () => new Promise(() => undefined), timeoutMs: 50 });
    await expect(endless('https://documents.client.example/')).rejects.toMatchObject({ code: 'too_slow' });
  });
});

test('only addresses of the internet are public', () => {
  for (const address of ['93.184.216.34', '1.1.1.1', '2606:4700::1111', '2a00:1450::1']) {
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
  }
  const special = [
    '0.0.0.0',
    '100.64.0.1',
    '172.31.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '255.255.255.255',
    'fe80::1',
    'fd00::1',
  ];
  for (const address of [...special, '::', '2001:db8::1', '2002:7f00:1::', 'ff02::1', '', 'localhost', '127.1']) {
    expect([address, isPublicAddress(address)]).toEqual([address, false]);
  }
});
