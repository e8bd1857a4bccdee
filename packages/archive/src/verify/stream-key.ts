/** The key of a stream, as the log endorsed it when the stream was opened. */
import type { StreamOpenLeaf } from '@tachograph/protocol';
import { fromBase64 } from '../bytes.ts';
import { verifyHead } from '../head.ts';
import { keyId, rawKeyOfSpki } from '../keys.ts';
import type { StreamLog } from './log-index.ts';
import { report, type Verification } from './verification.ts';

/** What the stream's records must agree with. */
export interface StreamIdentity {
  readonly open: StreamOpenLeaf;
  readonly publicKey: Uint8Array;
}

/** Checks the `stream.open` leaf; `undefined` when no key can be believed. */
export function verifyStreamOpen(run: Verification, log: StreamLog): StreamIdentity | undefined {
  const [opened, ...others] = log.opens;
  if (opened === undefined) {
    const [segment] = log.segments;
    const [head] = log.heads;
    const place = segment?.place ?? head?.place ?? { object: 'v1/log/' };
    report(run, 'stream.unopened', place, `the log never opened stream ${log.stream}`);
    return undefined;
  }
  for (const other of others.filter(({ leaf }) => leaf.keyId !== opened.leaf.keyId)) {
    report(run, 'stream.key', other.place, `a second key for stream ${log.stream}`);
  }
  const publicKey = fromBase64(opened.leaf.publicKey) ?? new Uint8Array();
  const reason = keyMisfit(run, opened.leaf, publicKey);
  if (reason === undefined) return { open: opened.leaf, publicKey };
  report(run, 'stream.key', opened.place, reason);
  return undefined;
}

function keyMisfit(run: Verification, leaf: StreamOpenLeaf, publicKey: Uint8Array): string | undefined {
  if (rawKeyOfSpki(publicKey) === undefined) return 'public key is not Ed25519';
  if (keyId(run.crypto, publicKey) !== leaf.keyId) return 'key id is not that of the public key';
  const head = { stream: leaf.stream, seq: 0, hash: leaf.openHash };
  return verifyHead(run.crypto, publicKey, head, leaf.sig) ? undefined : 'signature of stream.open does not hold';
}
