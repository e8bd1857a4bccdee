import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { loadRules } from './load.ts';
import { prove, type Proof } from './prove.ts';

const servers: Server[] = [];

async function answering(nonce: string, host: string, port = 0): Promise<number> {
  const server = createServer((req, res) => res.end(req.url === '/.tachograph/nonce' ? nonce : ''));
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: host === '::1' }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function proofOf(port: number): Proof {
  let now = 0;
  // Each look at the clock is 40 ms later: the deadline comes after a few tries, however fast they are.
  const nowMs = (): number => (now += 40);
  return { ports: [port], nonce: 'right', deadlineMs: 100, retryMs: 1, nowMs };
}

describe('the proof', () => {
  test('holds when both loopbacks lead to the sidecar', async () => {
    const port = await answering('right', '127.0.0.1');
    await answering('right', '::1', port);
    expect(await prove(proofOf(port))).toBeUndefined();
  });

  test.each(['wrong', 'right and more', ''])('fails when somebody else answers: "%s"', async (nonce) => {
    const port = await answering('right', '127.0.0.1');
    await answering(nonce, '::1', port);
    expect(await prove(proofOf(port))).toBe(`port ${port} at ::1: somebody else than this pod's sidecar answered`);
  });

  test('fails when nobody answers', async () => {
    const port = await answering('right', '127.0.0.1');
    expect(await prove(proofOf(port))).toMatch(new RegExp(`^port ${port} at ::1: .*ECONNREFUSED`));
  });
});

describe('loading', () => {
  test('gives the rules to nft and waits for its verdict', async () => {
    await expect(loadRules('/bin/cat', 'rules')).rejects.toThrow(/^nft exited with 1: .*cat/);
    await expect(loadRules('/bin/true', 'rules')).resolves.toBeUndefined();
    await expect(loadRules('/no/such/nft', 'rules')).rejects.toThrow('ENOENT');
  });
});
