import { CRC32C } from '@google-cloud/storage';

/** CRC-32C in the form GCS uses: base64 of the four big-endian bytes. */
export function toCrc32c(bytes: Uint8Array): string {
  const checksum = new CRC32C();
  checksum.update(asBuffer(bytes));
  return checksum.toString();
}

/** The same memory as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
