/** The leaves of an export: each must stand in the log that the checkpoint signs. */
import { decodeUtf8, type Leaf } from '@tachograph/protocol';
import { parseCheckpointNote } from '../checkpoint.ts';
import { newerVersionReason } from '../format-version.ts';
import { hashLogLeaf } from '../log-leaf.ts';
import { verifyInclusion } from '../merkle-proof.ts';
import type { Logged } from '../verify/log-index.ts';
import { type LogKeys, takeKeyLeaf } from '../verify/log-keys.ts';
import { readLeaf } from '../verify/read-leaf.ts';
import { noFindings, report, type Verification } from '../verify/verification.ts';
import { type ExportManifest, exportNames } from './export-manifest.ts';
import { parseTlogProof } from './tlog-proof.ts';

/**
 * The leaves whose proofs hold against the checkpoint, in log order; every other is a finding. Whether the checkpoint
 * itself can be believed is not judged here.
 */
export async function readProvenLeaves(
  run: Verification,
  { leaves }: ExportManifest,
  note: string,
): Promise<readonly Logged<Leaf>[]> {
  const proven: Logged<Leaf>[] = [];
  const indexes = [...new Set(leaves.map(({ index }) => index))].toSorted((a, b) => a - b);
  for (const index of indexes) {
    const leaf = await readProvenLeaf(run, index, note);
    if (leaf !== undefined) proven.push(leaf);
    run.progress({ phase: 'log', done: proven.length, total: indexes.length });
  }
  return proven;
}

async function readProvenLeaf(run: Verification, index: number, note: string): Promise<Logged<Leaf> | undefined> {
  const place = { object: exportNames.leaf(index) };
  const [leafBytes, proofBytes] = await Promise.all([
    run.source.get(place.object),
    run.source.get(exportNames.proof(index)),
  ]);
  if (leafBytes === undefined || proofBytes === undefined) {
    const absent = leafBytes === undefined ? place.object : exportNames.proof(index);
    report(run, 'proof.missing', { object: absent }, `leaf ${index} or its proof is not in the export`);
    return undefined;
  }
  const text = decodeUtf8(leafBytes);
  if (text === undefined || !isProven(run, { index, text, proof: decodeUtf8(proofBytes) ?? '', note })) {
    const reason = `leaf ${index} does not stand in the log of the checkpoint`;
    report(run, 'proof.invalid', { object: exportNames.proof(index) }, reason);
    return undefined;
  }
  run.counts.leaves += 1;
  return readText(run, text, index);
}

interface Claim {
  readonly index: number;
  readonly text: string;
  readonly proof: string;
  readonly note: string;
}

function isProven(run: Verification, { index, text, proof, note }: Claim): boolean {
  const parsed = parseTlogProof(proof);
  const checkpoint = parseCheckpointNote(note);
  // One checkpoint for all: the one that is verified.
  if (parsed?.index !== index || parsed.checkpoint !== note || checkpoint === undefined) return false;
  const leafHash = hashLogLeaf(run.crypto, text);
  const { size, root } = checkpoint;
  return verifyInclusion(run.crypto, { index, size, root, leafHash, proof: parsed.hashes });
}

function readText(run: Verification, text: string, index: number): Logged<Leaf> | undefined {
  const place = { object: exportNames.leaf(index) };
  const read = readLeaf(text);
  if (read.kind === 'leaf') return { leaf: read.leaf, index, place };
  if (read.kind === 'newer') report(run, 'format.newer', place, `leaf ${index} ${newerVersionReason(read.version)}`);
  else report(run, 'leaf.malformed', place, `leaf ${index} is none that this verifier knows`);
  return undefined;
}

/**
 * Rotations that the proven leaves state, in log order. One that cannot be believed is passed over: all that counts is
 * whether a key that the policy leads to signed the checkpoint, and a policy may begin after old rotations.
 */
export function takeProvenKeys(run: Verification, keys: LogKeys, leaves: readonly Logged<Leaf>[]): void {
  const silent: Verification = { ...run, bySeverity: noFindings(), onFinding: () => undefined };
  for (const { leaf, place } of leaves) takeKeyLeaf(silent, keys, leaf, place);
}
