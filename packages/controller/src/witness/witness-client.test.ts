import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createNoteKey } from '@tachograph/archive';
import { silentLogger } from '@tachograph/service';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { createWitnessClient } from './witness-client.ts';

test('a proof that the bucket does not give in time is not waited for', async () => {
  // It is behind, so that it needs a proof.
  const server = createServer((_, response) => response.writeHead(409).end('3\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { publicKey } = generateKeyPairSync('ed25519');
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createWitnessClient({ key: createNoteKey(nodeCrypto, 'w', spki), url }, silentLogger);
  const abort = new AbortController();
  const asked: number[] = [];
  const checkpoint = {
    note: 'a checkpoint\n',
    size: 9,
    async proofFrom(oldSize: number): Promise<readonly Uint8Array[]> {
      asked.push(oldSize);
      abort.abort();
      return new Promise(() => undefined);
    },
  };
  expect(await client.cosign(checkpoint, abort.signal)).toEqual({ result: 'unreachable' });
  expect(asked).toEqual([3]);
  await new Promise((resolve) => server.close(resolve));
});
