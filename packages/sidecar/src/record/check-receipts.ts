/** Holds the controller to its word: every receipt must be proved by a signed checkpoint, or is recorded as broken. */
import { fromHex, toBase64, verifyInclusion } from '@tachograph/archive';
import { nodeCrypto } from './node-crypto.ts';
import type { Receipt, Receipts } from './receipts.ts';
import type { ShippingPort, SignedCheckpoint } from './shipping-port.ts';

/** `detail` of a `log.misbehaviour` record. */
export interface Misbehaviour {
  readonly index: number;
  readonly leaf_hash: string;
  readonly checkpoint: string;
  readonly proof: readonly string[];
}

/** Proofs of one round: the controller answers other sidecars too. */
const maxProofs = 16;

/**
 * Asks for proofs of the receipts that the newest checkpoint covers. What is proved is dropped; what is not is told
 * first. Where nobody answers, everything stays for the next round.
 */
export async function checkReceipts(
  port: Pick<ShippingPort, 'checkpoint' | 'proof'>,
  receipts: Receipts,
  tell: (broken: Misbehaviour) => Promise<unknown>,
): Promise<void> {
  const checkpoint = await port.checkpoint();
  if (checkpoint === undefined) return;
  for (const receipt of receipts.under(checkpoint.size).slice(0, maxProofs)) {
    const proof = await port.proof(receipt.index, checkpoint.size);
    if (proof === undefined) return;
    if (!isProved(receipt, checkpoint, proof)) {
      const { index, leafHash } = receipt;
      await tell({ index, leaf_hash: leafHash, checkpoint: checkpoint.note, proof: proof.map(toBase64) });
    }
    receipts.drop(receipt);
  }
}

function isProved(
  { index, leafHash: hex }: Receipt,
  { size, root }: SignedCheckpoint,
  proof: readonly Uint8Array[],
): boolean {
  const leafHash = fromHex(hex);
  return leafHash !== undefined && verifyInclusion(nodeCrypto, { index, size, leafHash, root, proof });
}
