import { readFileSync } from 'node:fs';
import { verifyHead } from '@tachograph/archive';
import { nodeCrypto } from './node-crypto.ts';
import type { StreamFacts } from './stream-file.ts';
import type { SignedHead } from './stream-key.ts';

/** Signed heads beside a raw segment, as they were appended; what a kill has cut off is left out. */
export function readHeads(path: string): readonly SignedHead[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map(parseHead)
      .filter((head) => head !== undefined);
  } catch {
    return [];
  }
}

/** The last head that names a line which is really there. `hashOf`: hash of a recovered line, `undefined` when it is missing. */
export function lastGoodHead(
  heads: readonly SignedHead[],
  facts: StreamFacts,
  hashOf: (seq: number) => string | undefined,
): SignedHead | undefined {
  const publicKey = Buffer.from(facts.publicKey, 'base64');
  const { stream } = facts;
  return heads.findLast(
    ({ seq, hash, sig }) => hashOf(seq) === hash && verifyHead(nodeCrypto, publicKey, { stream, seq, hash }, sig),
  );
}

function parseHead(line: string): SignedHead | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(value));
    const [seq, hash, sig] = [fields.get('seq'), fields.get('hash'), fields.get('sig')];
    if (!Number.isSafeInteger(seq) || typeof hash !== 'string' || typeof sig !== 'string') return undefined;
    return { seq: Number(seq), hash, sig };
  } catch {
    return undefined;
  }
}
