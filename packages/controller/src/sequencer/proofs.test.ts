/** Receipts and proofs over the whole way: sidecar's token, controller, TLS, sequencer, batches. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fromBase64, fromHex, parseCheckpointNote, verifyInclusion } from '@tachograph/archive';
import { inclusionProofAnswer, inclusionProofPath } from '@tachograph/protocol';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { type Installation, startInstallation, until } from '../testing/installation.ts';
import type { SidecarClient } from '../testing/sidecar-client.ts';
import { TestStream, uuidOf } from '../testing/test-stream.ts';

let installation: Installation;
let sidecar: SidecarClient;
beforeEach(async () => {
  installation = await startInstallation();
  sidecar = await installation.enrol('store');
});
afterEach(async () => installation.close());

interface Receipt {
  readonly index: number;
  readonly leafHash: string;
}

async function ship(count: number): Promise<readonly Receipt[]> {
  const stream = new TestStream({ stream: uuidOf(1), time: new Date().toISOString() });
  await sidecar.open(stream.opening);
  const receipts: Receipt[] = [];
  for (let i = 0; i < count; i += 1) {
    stream.append({ kind: 'heartbeat' });
    receipts.push((await sidecar.putSegment(stream.seal())).json() as Receipt);
  }
  return receipts;
}

async function checkpointOver(size: number) {
  return until(`a checkpoint of ${size}`, async () => {
    const checkpoint = parseCheckpointNote((await sidecar.call('GET', '/v1/checkpoint')).text);
    return checkpoint !== undefined && checkpoint.size >= size ? checkpoint : undefined;
  });
}

test('every receipt is proved under the newest checkpoint, and under an older one that covers it', async () => {
  const receipts = await ship(12);
  const checkpoint = await checkpointOver(14);
  for (const { index, leafHash } of receipts) {
    const answer = await sidecar.call('GET', inclusionProofPath(index, checkpoint.size));
    const proof = inclusionProofAnswer.parse(answer.json()).proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
    const claim = { index, leafHash: fromHex(leafHash) ?? new Uint8Array(), ...checkpoint, proof };
    expect(verifyInclusion(nodeCrypto, claim)).toBe(true);
    expect(verifyInclusion(nodeCrypto, { ...claim, index: index - 1 })).toBe(false);
  }
});

test.each([
  ['a leaf that the tree does not have', inclusionProofPath(5, 5), 404],
  ['a tree that is not there yet', inclusionProofPath(0, 5000), 404],
  ['a leaf that is no number', '/v1/proofs/-1?size=3', 400],
  ['no size', '/v1/proofs/1', 400],
])('%s is refused', async (_what, path, status) => {
  await ship(4);
  expect((await sidecar.call('GET', path)).status).toBe(status);
});

test('nobody without a pod gets proofs', async () => {
  expect((await sidecar.call('GET', inclusionProofPath(0, 1), { token: 'x' })).status).toBe(401);
});
