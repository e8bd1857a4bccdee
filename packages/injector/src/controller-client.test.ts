import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { statementText, type TrustPayload } from '@tachograph/protocol';
import { createMetrics, silentLogger, systemClock } from '@tachograph/service';
import { createAnnouncements } from './announcements.ts';
import { createAuthority, issueLeaf, type CertifiedKey } from './certificates.ts';
import { createControllerClient, type AdmittedPod, type Announce } from './controller-client.ts';

const pod: AdmittedPod = { namespace: 'team-a', pod: 'mcp-0', podUid: 'u', workload: 'mcp', specDigest: 'd' };
const root = generateKeyPairSync('ed25519');
const validity = { fromMs: Date.now(), lifeMs: 3_600_000 };

let server: Server;
let url: string;
let received: { readonly path: string; readonly authorization: string | undefined; readonly body: string }[];
let trust: { readonly signer: KeyObject; readonly payload: Partial<TrustPayload> };
let authority: CertifiedKey;

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function trustBody(): string {
  const payload = JSON.stringify({
    v: 1,
    cluster: 'example',
    issuedAt: new Date().toISOString(),
    notAfter: new Date(Date.now() + 60_000).toISOString(),
    tlsRoots: [authority.cert],
    bundleKeys: [],
    logKeys: [],
    ...trust.payload,
  });
  const sig = sign(null, Buffer.from(statementText('trust', payload)), trust.signer).toString('base64');
  const statement = { type: 'trust', payload, keyId: 'k', sig };
  return JSON.stringify({ root: spki(root.publicKey).toString('base64'), statement });
}

function client(cluster = 'example', fingerprint?: string): Announce {
  const known = fingerprint ?? `sha256:${createHash('sha256').update(spki(root.publicKey)).digest('hex')}`;
  return createControllerClient({
    url,
    cluster,
    fingerprint: () => known,
    readToken: async () => 'secret',
    clock: systemClock,
  });
}

async function serveWith(signer: CertifiedKey): Promise<void> {
  server.setSecureContext({ ...(await issueLeaf(signer, ['localhost'], validity)), minVersion: 'TLSv1.3' });
}

beforeEach(async () => {
  received = [];
  authority = await createAuthority('controller', validity);
  trust = { signer: root.privateKey, payload: {} };
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
      return request.url === '/v1/trust' ? response.end(trustBody()) : response.writeHead(204).end();
    });
  });
  await serveWith(authority);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const address = server.address();
  url = `https://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterEach(() => void server.close());

describe('the controller client', () => {
  test('tells of a pod with its token, over TLS that the trust root vouches for', async () => {
    await client()(pod);
    expect(received.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/v1/trust', undefined],
      ['/internal/pods', 'Bearer secret'],
    ]);
    expect(JSON.parse(received[1]?.body ?? '')).toEqual(pod);
  });

  test('tells of broken glass at its own address', async () => {
    const report = {
      namespace: 'team-a',
      pod: 'mcp-0',
      podUid: 'u',
      subResource: 'exec',
      user: 'alice',
      at: 't',
    } as const;
    await client()(report);
    expect(received[1]).toMatchObject({ path: '/internal/break-glass', body: JSON.stringify(report) });
  });

  test('asks for the trust once, and again after the authority has changed', async () => {
    const announce = client();
    await announce(pod);
    await announce(pod);
    expect(received.filter(({ path }) => path === '/v1/trust')).toHaveLength(1);
    authority = await createAuthority('controller', validity);
    await serveWith(authority);
    await expect(announce(pod)).rejects.toMatchObject({ code: 'controller' });
    await announce(pod);
    expect(received.filter(({ path }) => path === '/internal/pods')).toHaveLength(3);
  });

  test.each<[string, () => Announce]>([
    [
      'signed by somebody else',
      () => {
        trust = { ...trust, signer: generateKeyPairSync('ed25519').privateKey };
        return client();
      },
    ],
    ['of another root', () => client('example', `sha256:${'00'.repeat(32)}`)],
    ['of another cluster', () => client('other')],
    [
      'that has expired',
      () => {
        trust = { ...trust, payload: { notAfter: '2020-01-01T00:00:00Z' } };
        return client();
      },
    ],
  ])('gives no token to a controller whose statement is %s', async (_name, prepare) => {
    await expect(prepare()(pod)).rejects.toMatchObject({ code: 'installation' });
    expect(received.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });

  test('gives no token to a server that the statement does not vouch for', async () => {
    await serveWith(await createAuthority('imposter', validity));
    await expect(client()(pod)).rejects.toMatchObject({ code: 'controller' });
    expect(received.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });
});

describe('announcements', () => {
  test('are retried in order, given up after five attempts, and never block', async () => {
    const attempts: string[] = [];
    const idle = Promise.withResolvers<void>();
    const announcements = createAnnouncements({
      announce: async ({ pod: name }) => {
        attempts.push(name);
        if (name === 'last') idle.resolve();
        if (name === 'lost') throw new Error('away');
      },
      timers: {
        after(_delayMs, run) {
          setImmediate(run);
          return () => undefined;
        },
      },
      metrics: createMetrics(),
      log: silentLogger,
    });
    for (const name of ['first', 'lost', 'last']) announcements.add({ ...pod, pod: name });
    expect(attempts).toEqual(['first']);
    await idle.promise;
    expect(attempts).toEqual(['first', 'lost', 'lost', 'lost', 'lost', 'lost', 'last']);
  });
});
