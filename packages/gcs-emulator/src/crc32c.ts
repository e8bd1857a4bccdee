// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78); node:zlib has CRC-32 only.
const slices: readonly Uint32Array[] = buildSlices();

function buildSlices(): Uint32Array[] {
  const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    tables[0]![byte] = crc >>> 0;
  }
  for (let slice = 1; slice < 8; slice += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const previous = tables[slice - 1]![byte]!;
      tables[slice]![byte] = (previous >>> 8) ^ tables[0]![previous & 0xff]!;
    }
  }
  return tables;
}

const table = (slice: number): Uint32Array => slices[slice] ?? new Uint32Array(256);
const s0 = table(0);
const s1 = table(1);
const s2 = table(2);
const s3 = table(3);
const s4 = table(4);
const s5 = table(5);
const s6 = table(6);
const s7 = table(7);

/** Continues a CRC-32C over `bytes`; start with 0. Eight bytes a step, since bodies may be large. */
export function crc32c(bytes: Uint8Array, initial = 0): number {
  let crc = ~initial;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      s7[crc & 0xff]! ^
      s6[(crc >>> 8) & 0xff]! ^
      s5[(crc >>> 16) & 0xff]! ^
      s4[crc >>> 24]! ^
      s3[bytes[at + 4]!]! ^
      s2[bytes[at + 5]!]! ^
      s1[bytes[at + 6]!]! ^
      s0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ s0[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** The form that the JSON API uses: base64 of the big-endian value. */
export function toCrc32cText(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}
