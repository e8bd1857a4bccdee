/** Which keys the log names, and which of those held signs now (`archive-format.md`, Keys). */
import { createNoteKey, keyId, type NoteKey } from '@tachograph/archive';
import { keyRotationText, type KeyLeaf, type Leaf } from '@tachograph/protocol';
import { nodeCrypto } from '../keys/node-crypto.ts';
import type { HeldKeys, LogKey } from './log-key.ts';

/** Follows `key.log` and `key.retired` leaves in log order. */
export class LogKeyState {
  readonly #held: HeldKeys;
  /** By key id, in the order of the log. */
  readonly #named = new Map<string, NoteKey>();
  readonly #retired = new Set<string>();

  constructor(held: HeldKeys) {
    this.#held = held;
  }

  get origin(): string {
    return this.#held.origin;
  }

  /** Keys whose batches may come next: what a retired key signs from now on is nobody's. */
  readonly accepted = (): readonly NoteKey[] =>
    this.trusted().filter(({ publicKey }) => !this.#retired.has(keyId(nodeCrypto, publicKey)));

  /** Keys that counted at some point of the log: for what stands in it already. */
  readonly trusted = (): readonly NoteKey[] => {
    const keys = new Map(this.#named);
    for (const { signing, note } of this.#held.current()) keys.set(signing.keyId, note);
    return [...keys.values()];
  };

  /** The first key of a log that says itself which it is; believed only when it leads to a key that is held. */
  assumeFirst(leaf: Leaf | undefined): void {
    if (leaf?.type === 'key.log' && this.#named.size === 0) this.#name(leaf);
  }

  /** A rotation that old and new key did not sign names nothing. */
  take(leaf: Leaf): void {
    if (leaf.type === 'key.retired') this.#retired.add(leaf.keyId);
    if (leaf.type !== 'key.log' || this.#named.has(leaf.keyId)) return;
    if (this.#named.size === 0 || isRotation(leaf, this.#named)) this.#name(leaf);
  }

  /** Whether the log names a key that is held: otherwise it is another's. */
  isOurs(): boolean {
    return this.#held.current().some(({ signing }) => this.#named.has(signing.keyId));
  }

  /** The newest key that the log names and that is held; before the first leaf, the oldest one. */
  active(): LogKey {
    const held = this.#held.current();
    const named = held.filter(({ signing }) => this.#named.has(signing.keyId) && !this.#retired.has(signing.keyId));
    const key = named.at(-1) ?? held[0];
    if (key === undefined) throw new Error('no log key is held');
    return key;
  }

  /** Whose signatures a checkpoint carries: while a rotation is under way, the old key's too. */
  signers(): readonly LogKey[] {
    const active = this.active();
    const others = this.#held.current().filter(({ signing: { keyId: id } }) => id !== active.signing.keyId);
    return [
      active,
      ...others.filter(({ signing }) => this.#named.has(signing.keyId) && !this.#retired.has(signing.keyId)),
    ];
  }

  /** The newest key that is held and that the log does not name yet. */
  due(): LogKey | undefined {
    const newest = this.#held.current().at(-1);
    return newest === undefined || this.#named.has(newest.signing.keyId) ? undefined : newest;
  }

  /** Keys that the log names and that nobody holds any more. */
  orphans(): readonly string[] {
    const held = new Set(this.#held.current().map(({ signing }) => signing.keyId));
    return [...this.#named.keys()].filter((id) => !held.has(id) && !this.#retired.has(id));
  }

  async reload(): Promise<void> {
    await this.#held.reload();
  }

  #name({ keyId: id, name, publicKey }: KeyLeaf): void {
    const spki = Buffer.from(publicKey, 'base64');
    if (name !== this.origin || spki.length !== 44 || keyId(nodeCrypto, spki) !== id) return;
    this.#named.set(id, createNoteKey(nodeCrypto, name, spki));
  }
}

function isRotation(leaf: KeyLeaf, named: ReadonlyMap<string, NoteKey>): boolean {
  const [before, own] = [false, true].map((isOwn) =>
    leaf.signedBy?.find((one) => (one.keyId === leaf.keyId) === isOwn),
  );
  const old = named.get(before?.keyId ?? '');
  if (before === undefined || own === undefined || old === undefined) return false;
  const text = keyRotationText({ name: leaf.name, oldKeyId: before.keyId, newKeyId: leaf.keyId });
  const holds = (key: Uint8Array, sig: string): boolean =>
    nodeCrypto.ed25519Verify(key, Buffer.from(text), Buffer.from(sig, 'base64'));
  return holds(old.publicKey, before.sig) && holds(Buffer.from(leaf.publicKey, 'base64'), own.sig);
}
