/** Bytes of the UTF-8 character that a byte begins; 0: it begins none. */
const lengths = new Uint8Array(256);
lengths.fill(1, 0, 0x80);
lengths.fill(2, 0xc2, 0xe0);
lengths.fill(3, 0xe0, 0xf0);
lengths.fill(4, 0xf0, 0xf5);

/** Where the second byte may not be just any continuation: overlong forms, surrogates, what is beyond Unicode. */
const secondFrom: ReadonlyMap<number, number> = new Map([
  [0xe0, 0xa0],
  [0xf0, 0x90],
]);
const secondTo: ReadonlyMap<number, number> = new Map([
  [0xed, 0x9f],
  [0xf4, 0x8f],
]);

const controls = new Uint8Array(256);
controls.fill(1, 0, 0x20);
for (const byte of [0x09, 0x0a, 0x0d]) controls[byte] = 0;
controls[0x7f] = 1;

/** So many control characters are forgiven from the start; beyond them one in ten. */
const forgiven = 2;

/** Judges bytes, one after the other, as UTF-8 text of which at least nine tenths are printable. */
export class TextCheck {
  #pending = 0;
  #from = 0x80;
  #to = 0xbf;
  #count = 0;
  #unprintable = 0;

  /** False where the byte cannot follow: what was accepted before it stands. */
  accept(byte: number): boolean {
    if (this.#pending === 0) return this.#begin(byte);
    if (byte < this.#from || byte > this.#to) return false;
    this.#pending -= 1;
    this.#from = 0x80;
    this.#to = 0xbf;
    return true;
  }

  /** True between characters. */
  isWhole(): boolean {
    return this.#pending === 0;
  }

  #begin(byte: number): boolean {
    this.#count += 1;
    this.#unprintable += controls[byte] ?? 0;
    const length = lengths[byte] ?? 0;
    if (length > 1) {
      this.#pending = length - 1;
      this.#from = secondFrom.get(byte) ?? 0x80;
      this.#to = secondTo.get(byte) ?? 0xbf;
    }
    return length > 0 && (this.#unprintable <= forgiven || this.#unprintable * 10 <= this.#count);
  }
}

/** A quick look at the first bytes of a text: those still to come of the current character behind `byte`, or -1. */
export function follow(pending: number, byte: number): number {
  if (pending > 0) return byte >= 0x80 && byte < 0xc0 ? pending - 1 : -1;
  if (controls[byte] === 1 && byte !== 0) return -1;
  return (lengths[byte] ?? 0) - 1;
}
