const table = new Int8Array(128).fill(-1);
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
for (let value = 0; value < alphabet.length; value += 1) table[alphabet.charCodeAt(value)] = value;
for (const [char, value] of [
  ['+', 62],
  ['-', 62],
  ['/', 63],
  ['_', 63],
] as const)
  table[char.charCodeAt(0)] = value;

/** Decodes base64 or base64url to one character per byte, up to `maxChars` of input. Stops at the first other character. */
export function decodeBase64(text: string, start: number, end: number, maxChars = 1024): string {
  let decoded = '';
  let bits = 0;
  let held = 0;
  for (let i = start; i < Math.min(end, start + maxChars); i += 1) {
    const value = table[text.charCodeAt(i)] ?? -1;
    if (value < 0) break;
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      decoded += String.fromCharCode((bits >> held) & 0xff);
    }
  }
  return decoded;
}
