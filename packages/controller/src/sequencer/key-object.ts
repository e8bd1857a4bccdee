/** `v1/keys/<keyid>.json`: public keys beside the records. Everything in them comes from the leaf, so that a retry writes the same bytes. */
import { objectNames, type Leaf } from '@tachograph/protocol';

export interface KeyObject {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The key object that a leaf calls for; `undefined` for leaves without a key. `index`: the leaf's place in the log, which endorses the key. */
export function keyObjectOf(leaf: Leaf, index: number): KeyObject | undefined {
  const content = contentOf(leaf, index);
  if (content === undefined) return undefined;
  return { name: objectNames.key(content.keyId), bytes: Buffer.from(`${JSON.stringify(content)}\n`) };
}

type KeyContent = Readonly<Record<string, string | number>> & { readonly keyId: string };

function contentOf(leaf: Leaf, index: number): KeyContent | undefined {
  if (leaf.type === 'key.log') {
    const { keyId, publicKey, name, at } = leaf;
    return { v: 1, keyId, publicKey, use: 'log', name, validFrom: at, index };
  }
  if (leaf.type !== 'stream.open') return undefined;
  const { keyId, publicKey, stream, cluster, namespace, workload, pod, podUid, receivedAt } = leaf;
  const owner = { stream, cluster, namespace, workload, pod, podUid };
  return { v: 1, keyId, publicKey, use: 'stream', ...owner, validFrom: receivedAt, index };
}
