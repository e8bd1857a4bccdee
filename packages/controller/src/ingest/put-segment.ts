/** `PUT /v1/segments/<name>`: check, store, log, and only then answer *archived* (`archive.md`, Write path). */
import { checkSegment, type CheckedSegment } from '@tachograph/archive';
import {
  objectNames,
  parseSegmentFileName,
  type Archived,
  type SegmentLeaf,
  type SegmentName,
  type SegmentSignature,
  type StoredRecord,
} from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto, sha256Hex } from '../keys/node-crypto.ts';
import type { PodIdentity } from '../ports.ts';
import { discontinuity } from '../sequencer/admit-leaf.ts';
import type { StreamView } from '../sequencer/log-port.ts';
import { createObject } from './create-object.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';
import { logCloses } from './log-closes.ts';
import { requireBlobs } from './put-blob.ts';
import { accessStream } from './stream-access.ts';
import { unpackSegment } from './unpack.ts';
import { utcDay } from './utc-day.ts';

/** A segment as it arrived. */
export interface SegmentUpload {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly signature: SegmentSignature;
  /** `undefined`: the token proves no pod (any more). */
  readonly caller: PodIdentity | undefined;
}

/** Every step may be repeated: the same segment again finds what the first attempt left, and goes on from there. */
export async function putSegment(context: IngestContext, upload: SegmentUpload): Promise<Archived> {
  const sha256 = sha256Hex(upload.bytes);
  const name = checkName(upload.fileName, sha256);
  const access = await accessStream(context, upload.caller, { stream: name.stream });
  const raw = await unpackSegment(upload.bytes);
  const resumes: StoredRecord[] = [];
  const checked = check(raw, name, { ...upload, view: access.view, resumes });
  if (access.bySignatureOnly && checked.unsignedTail > 0) {
    throw new ControllerError('signature_invalid', 'the pod is gone: only signed records are taken');
  }
  const day = utcDay(checked.firstTime);
  if (day === undefined) throw new ControllerError('chain_broken', 'line 1: expected an RFC 3339 time in UTC');
  const { cluster, namespace } = access.view.open;
  const object = objectNames.record({ cluster, namespace, day }, upload.fileName);
  await requireContinuation(context, object, checked, name.stream);
  await requireBlobs(context, { day, stream: name.stream }, checked.blobs);
  const { generation } = await createObject(context, {
    name: object,
    bytes: upload.bytes,
    contentType: 'application/gzip',
  });
  const facts = { object, generation, size: upload.bytes.length, sha256, stream: name.stream };
  const [archived] = await context.sequencer.append([
    JSON.stringify(leafOf(facts, checked, upload.signature, context)),
  ]);
  if (archived === undefined) throw new ControllerError('unavailable', 'the sequencer answered no place');
  await logCloses(context, { view: access.view, checked, raw, resumes });
  return archived;
}

function checkName(fileName: string, sha256: string): SegmentName {
  const name = parseSegmentFileName(fileName);
  if (name === undefined) throw new ControllerError('bad_request', 'not the name of a segment');
  if (!sha256.startsWith(name.sha16)) throw new ControllerError('name_mismatch', 'the bytes have another SHA-256');
  return name;
}

function check(
  raw: Uint8Array,
  name: SegmentName,
  against: Pick<SegmentUpload, 'signature'> & { readonly view: StreamView; readonly resumes: StoredRecord[] },
): CheckedSegment {
  const { signature, view, resumes } = against;
  if (signature.keyId !== view.open.keyId) throw new ControllerError('signature_invalid', 'signed by another key');
  const checked = checkSegment(nodeCrypto, raw, {
    stream: name.stream,
    publicKey: Buffer.from(view.open.publicKey, 'base64'),
    signedSeq: signature.seq,
    sig: signature.sig,
    first: name.first,
    last: name.last,
    onRecord: (record) => {
      if (record.kind === 'stream.resume') resumes.push(record);
    },
  });
  if (checked.kind === 'broken') {
    const signed = /signature|signed/.test(checked.reason);
    throw new ControllerError(signed ? 'signature_invalid' : 'chain_broken', `line ${checked.line}: ${checked.reason}`);
  }
  return checked;
}

/** Before the object is created: a segment that the log would refuse must leave nothing in the bucket. */
async function requireContinuation(
  context: IngestContext,
  object: string,
  checked: CheckedSegment,
  stream: string,
): Promise<void> {
  const view = await context.sequencer.stream({ stream, object });
  if (view === undefined) throw new ControllerError('stream_unknown', 'no such stream is open');
  if (view.archived !== undefined) return;
  const reason = discontinuity(view, checked);
  if (reason !== undefined) throw new ControllerError('chain_broken', reason);
}

function leafOf(
  facts: Pick<SegmentLeaf, 'object' | 'generation' | 'size' | 'sha256' | 'stream'>,
  checked: CheckedSegment,
  { seq, sig, keyId }: SegmentSignature,
  { clock }: IngestContext,
): SegmentLeaf {
  const { first, last, firstPrev, lastHash, unsignedTail, blobs } = checked;
  return {
    v: 1,
    type: 'segment',
    ...facts,
    first,
    last,
    firstPrev,
    lastHash,
    signedSeq: seq,
    sig,
    keyId,
    unsignedTail,
    blobs: [...blobs],
    receivedAt: timeOf(clock),
  };
}
