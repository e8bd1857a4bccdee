/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes at a step: the client library's own takes one. */
const polynomial = 0x82f63b78;
const tables = makeTables();

/** Table k, at k * 256: the checksum of a byte with k zero bytes after it. */
function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i += 1) {
    const before = made[i - 256] ?? 0;
    made[i] = (before >>> 8) ^ (made[before & 0xff] ?? 0);
  }
  return made;
}

function at(table: number, byte: number): number {
  return tables[table * 256 + (byte & 0xff)] ?? 0;
}

/** CRC-32C in the form GCS uses: base64 of the four big-endian bytes. */
export function toCrc32c(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % 8);
  let crc = -1;
  for (let i = 0; i < whole; i += 8) {
    const low = crc ^ view.getInt32(i, true);
    const high = view.getInt32(i + 4, true);
    crc =
      at(7, low) ^
      at(6, low >>> 8) ^
      at(5, low >>> 16) ^
      at(4, low >>> 24) ^
      at(3, high) ^
      at(2, high >>> 8) ^
      at(1, high >>> 16) ^
      at(0, high >>> 24);
  }
  for (let i = whole; i < bytes.byteLength; i += 1) crc = (crc >>> 8) ^ at(0, crc ^ (bytes[i] ?? 0));
  const checksum = Buffer.alloc(4);
  checksum.writeInt32BE(~crc);
  return checksum.toString('base64');
}

/** The same memory as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
