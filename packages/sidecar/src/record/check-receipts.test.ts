import { beforeEach, describe, expect, test } from '@jest/globals';
import { hashLeaf, inclusionProof, rootOf, toHex } from '@tachograph/archive';
import { silentLogger } from '@tachograph/service';
import { checkReceipts, type Misbehaviour } from './check-receipts.ts';
import { nodeCrypto } from './node-crypto.ts';
import { Receipts } from './receipts.ts';
import { createSpoolDir } from './recording.test-support.ts';
import type { ShippingPort } from './shipping-port.ts';

const leaves = Array.from({ length: 40 }, (_, i) => hashLeaf(nodeCrypto, Uint8Array.of(i)));

const hexOf = (index: number): string => toHex(leaves[index] ?? new Uint8Array());

/** A log of these leaves, whose checkpoints are signed elsewhere. */
function logOf(hashes: readonly Uint8Array[]): Pick<ShippingPort, 'checkpoint' | 'proof'> {
  return {
    checkpoint: () => Promise.resolve({ size: hashes.length, root: rootOf(nodeCrypto, hashes), note: 'signed' }),
    proof: (index, size) => Promise.resolve(inclusionProof(nodeCrypto, index, hashes.slice(0, size))),
  };
}

const full = (): Promise<void> => Promise.reject(new Error('no space'));

let spoolDir: string;
let receipts: Receipts;
let told: Misbehaviour[];
const tell = (broken: Misbehaviour): Promise<void> => {
  told.push(broken);
  return Promise.resolve();
};

beforeEach(() => {
  spoolDir = createSpoolDir();
  receipts = new Receipts(spoolDir, silentLogger);
  told = [];
  for (const index of [3, 7, 30]) receipts.add({ index, leafHash: hexOf(index), batchFirstIndex: 0 });
});

describe('receipts', () => {
  test('that a checkpoint proves are dropped, those beyond it kept', async () => {
    await checkReceipts(logOf(leaves.slice(0, 20)), receipts, tell);
    expect(told).toEqual([]);
    expect(receipts.size).toBe(1);
    await checkReceipts(logOf(leaves), receipts, tell);
    expect(receipts.size).toBe(0);
  });

  test('that no proof holds for are told with everything that shows it', async () => {
    const altered = leaves.with(7, hashLeaf(nodeCrypto, Uint8Array.of(99)));
    await checkReceipts(logOf(altered.slice(0, 20)), receipts, tell);
    const proof = inclusionProof(nodeCrypto, 7, altered.slice(0, 20)).map((hash) =>
      Buffer.from(hash).toString('base64'),
    );
    expect(told).toEqual([{ index: 7, leaf_hash: hexOf(7), checkpoint: 'signed', proof }]);
    expect(receipts.size).toBe(1);
  });

  test('stay where nobody answers', async () => {
    const log = logOf(leaves);
    await checkReceipts({ ...log, checkpoint: () => Promise.resolve(undefined) }, receipts, tell);
    await checkReceipts({ ...log, proof: () => Promise.resolve(undefined) }, receipts, tell);
    expect(told).toEqual([]);
    expect(receipts.size).toBe(3);
  });

  test('stay where what is wrong with them cannot be recorded', async () => {
    const altered = leaves.with(3, hashLeaf(nodeCrypto, Uint8Array.of(99)));
    await expect(checkReceipts(logOf(altered), receipts, full)).rejects.toThrow('no space');
    expect(receipts.size).toBe(3);
    await checkReceipts(logOf(altered), receipts, tell);
    expect(told).toMatchObject([{ index: 3 }]);
  });

  test('outlive the process until they are proved', async () => {
    await checkReceipts(logOf(leaves.slice(0, 20)), receipts, tell);
    await receipts.save();
    const next = new Receipts(spoolDir, silentLogger);
    next.load();
    expect(next.under(1000)).toEqual([{ index: 30, leafHash: hexOf(30) }]);
  });
});
