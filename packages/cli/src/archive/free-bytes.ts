/**
 * Gives the memory of large bytes back at once: a collector that sees only their small handles lets many pile up. The
 * bytes are empty after it. What shares its buffer with others is left alone.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  // Less than half of the buffer may be a slice of one that Node cuts small Buffers from.
  if ('transfer' in buffer && byteLength >= 4096 && byteLength * 2 >= buffer.byteLength) buffer.transfer(0);
}
