const counts = new Uint16Array(256);

/** Shannon entropy of `text[start, end)`, in bits a character; code units are taken modulo 256. */
export function shannonEntropy(text: string, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  for (let i = start; i < end; i += 1) counts[text.charCodeAt(i) & 0xff] = (counts[text.charCodeAt(i) & 0xff] ?? 0) + 1;
  let bits = 0;
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i) & 0xff;
    const count = counts[code] ?? 0;
    if (count === 0) continue;
    bits -= (count / length) * Math.log2(count / length);
    counts[code] = 0;
  }
  return bits;
}
