import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Seals text with AES-256-GCM under the first key, bound to `context`: sealed text of one entry does not open as another.
 * Keys are 32 bytes.
 */
export function sealText(keys: readonly Uint8Array[], context: string, text: string): string {
  const [key] = keys;
  if (key === undefined) throw new RangeError('expected a sealing key, got none');
  const iv = randomBytes(ivBytes);
  const seal = createCipheriv(cipher, key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([iv, seal.update(text, 'utf8'), seal.final()]);
  return Buffer.concat([sealed, seal.getAuthTag()]).toString('base64url');
}

/** Opens what `sealText` sealed under any of the keys; `undefined` for everything else, attackers' bytes included. */
export function openText(keys: readonly Uint8Array[], context: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < ivBytes + tagBytes) return undefined;
  for (const key of keys) {
    const text = openWith(key, context, bytes);
    if (text !== undefined) return text;
  }
  return undefined;
}

function openWith(key: Uint8Array, context: string, bytes: Buffer): string | undefined {
  const end = bytes.length - tagBytes;
  try {
    const open = createDecipheriv(cipher, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(end));
    return open.update(bytes.subarray(ivBytes, end), undefined, 'utf8') + open.final('utf8');
  } catch {
    return undefined;
  }
}
