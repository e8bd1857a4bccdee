/** C2SP tlog-cosignature: a witness's timestamped Ed25519 signature (type 0x04) over a checkpoint. */
import { concatBytes, utf8 } from './bytes.ts';
import type { Crypto, Sign } from './crypto.ts';
import { isSigner, type Note, type NoteKey, type NoteSignature } from './note.ts';

/** Later ones cannot be written as a time. */
const lastTimeS = Date.UTC(9999, 0) / 1000;

/** The bytes that a witness signs. `time`: Unix seconds. */
function cosignedText(time: number, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/** A witness's signature line over a checkpoint's note text. `time`: Unix seconds. */
export function cosign(text: string, key: NoteKey, time: number, sign: Sign): NoteSignature {
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  return { name: key.name, hash: key.hash, signature: concatBytes(stamp, sign(cosignedText(time, text))) };
}

/** When the witness (a key of type 0x04) cosigned, in Unix seconds; `undefined` when it did not. */
export function verifyCosignature(crypto: Crypto, note: Note, witness: NoteKey): number | undefined {
  const line = note.signatures.find((signature) => isSigner(witness, signature));
  if (line?.signature.length !== 72) return undefined;
  const bytes = Uint8Array.from(line.signature);
  const time = Number(new DataView(bytes.buffer).getBigUint64(0));
  if (time > lastTimeS) return undefined;
  return crypto.ed25519Verify(witness.publicKey, cosignedText(time, note.text), bytes.subarray(8)) ? time : undefined;
}
