/** Step 4: which keys may sign for the log, from the policy's on (`archive-format.md`, Keys). */
import { type KeyLeaf, keyRotationText, type Leaf } from '@tachograph/protocol';
import { fromBase64, utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto.ts';
import { keyId, rawKeyOfSpki } from '../keys.ts';
import { createNoteKey, type NoteKey } from '../note.ts';
import type { Place } from './finding.ts';
import { report, type Verification } from './verification.ts';

/** The log's keys at one point of the walk. */
export interface LogKeys {
  /** Whose signature counts now. */
  trusted: readonly NoteKey[];
  /** Key ids of all that ever counted. */
  readonly known: Set<string>;
}

export function createLogKeys(crypto: Crypto, keys: readonly NoteKey[]): LogKeys {
  return { trusted: [...keys], known: new Set(keys.map(({ publicKey }) => keyId(crypto, publicKey))) };
}

/** Follows rotations: a new key counts from the next batch on, a retired one for nothing after its leaf. */
export function takeKeyLeaf(run: Verification, keys: LogKeys, leaf: Leaf, place: Place): void {
  if (leaf.type === 'key.log') takeKey(run, keys, leaf, place);
  else if (leaf.type === 'key.retired') retire(run, keys, leaf.keyId, place);
}

function takeKey(run: Verification, keys: LogKeys, leaf: KeyLeaf, place: Place): void {
  const { crypto } = run;
  const publicKey = fromBase64(leaf.publicKey);
  if (publicKey === undefined || rawKeyOfSpki(publicKey) === undefined || keyId(crypto, publicKey) !== leaf.keyId) {
    return report(run, 'key.rotation', place, 'a log key that is no Ed25519 key, or has another key id');
  }
  if (keys.trusted.some((key) => keyId(crypto, key.publicKey) === leaf.keyId)) return;
  if (keys.known.has(leaf.keyId))
    return report(run, 'key.rotation', place, 'a retired log key comes back: not believed');
  if (!keys.trusted.some(({ name }) => name === leaf.name)) {
    return report(run, 'key.rotation', place, 'a log key for another origin: not believed');
  }
  if (!isSigned(run, keys, leaf, publicKey)) {
    return report(run, 'key.rotation', place, 'a log key that the key before it did not sign: not believed');
  }
  keys.known.add(leaf.keyId);
  keys.trusted = [...keys.trusted, createNoteKey(crypto, leaf.name, publicKey)];
}

/** Both the key before and the new one signed the rotation. */
function isSigned(run: Verification, keys: LogKeys, leaf: KeyLeaf, publicKey: Uint8Array): boolean {
  const { crypto } = run;
  const [own] = leaf.signedBy?.filter((line) => line.keyId === leaf.keyId) ?? [];
  const [before] = leaf.signedBy?.filter((line) => line.keyId !== leaf.keyId) ?? [];
  const old = keys.trusted.find((key) => keyId(crypto, key.publicKey) === before?.keyId);
  if (own === undefined || before === undefined || old === undefined) return false;
  const text = utf8(keyRotationText({ name: leaf.name, oldKeyId: before.keyId, newKeyId: leaf.keyId }));
  const holds = (key: Uint8Array, sig: string): boolean => {
    const signature = fromBase64(sig);
    return signature !== undefined && crypto.ed25519Verify(key, text, signature);
  };
  return holds(old.publicKey, before.sig) && holds(publicKey, own.sig);
}

function retire(run: Verification, keys: LogKeys, id: string, place: Place): void {
  const left = keys.trusted.filter(({ publicKey }) => keyId(run.crypto, publicKey) !== id);
  if (left.length === keys.trusted.length)
    report(run, 'key.rotation', place, 'retires a key that the log does not have');
  else if (left.length === 0) report(run, 'key.rotation', place, 'retires the only key of the log');
  keys.trusted = left;
}
