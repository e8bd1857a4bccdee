import { utf8 } from '../bytes.ts';
import type { Crypto } from '../crypto.ts';

/** Of each digest, 32-bit words kept: 192 bits, so that nobody finds two texts that look alike. */
const words = 6;

/** A set of texts that are only asked for: 24 bytes a slot, whatever their length. */
export class PackedSet {
  readonly #crypto: Crypto;
  #slots = new Uint32Array(64 * words);
  #size = 0;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  get size(): number {
    return this.#size;
  }

  add(text: string): void {
    if ((this.#size + 1) * 4 > (this.#slots.length / words) * 3) this.#grow();
    if (put(this.#slots, this.#digestOf(text))) this.#size += 1;
  }

  has(text: string): boolean {
    const digest = this.#digestOf(text);
    return isAt(this.#slots, slotOf(this.#slots, digest), digest);
  }

  #digestOf(text: string): Uint32Array {
    // A copy: a Buffer is a window onto memory that others write to.
    const digest = new Uint32Array(new Uint8Array(this.#crypto.sha256(utf8(text))).buffer, 0, words);
    // A slot of which the first word is zero is free.
    if (digest[0] === 0) digest[0] = 1;
    return digest;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += words) {
      if (old[at] !== 0) put(this.#slots, old.subarray(at, at + words));
    }
  }
}

/** Whether it was not there yet. */
function put(slots: Uint32Array, digest: Uint32Array): boolean {
  const at = slotOf(slots, digest);
  if (slots[at] !== 0) return false;
  slots.set(digest, at);
  return true;
}

/** Where the digest is, or would go. There is always a free slot. */
function slotOf(slots: Uint32Array, digest: Uint32Array): number {
  const count = slots.length / words;
  let slot = (digest[1] ?? 0) % count;
  while (slots[slot * words] !== 0 && !isAt(slots, slot * words, digest)) slot = (slot + 1) % count;
  return slot * words;
}

function isAt(slots: Uint32Array, at: number, digest: Uint32Array): boolean {
  for (let i = 0; i < words; i += 1) if (slots[at + i] !== digest[i]) return false;
  return true;
}
