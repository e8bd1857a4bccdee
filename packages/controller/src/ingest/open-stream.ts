/** `POST /v1/streams`: one stream key per start of the `tachograph` container (`contracts.md`, Stream keys). */
import { hashLine, verifyHead } from '@tachograph/archive';
import { parseRecord, zeroHash, type Leaf, type StreamAnswer, type StreamRequest } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { keyIdOf, parseEd25519 } from '../keys/signing-key.ts';
import type { PodIdentity, SidecarStart } from '../ports.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';

const maxLineBytes = 65_536;
const streamPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Checks the signed first record and asks the log, which alone decides on uniqueness. */
export async function openStream(
  context: IngestContext,
  caller: PodIdentity,
  request: StreamRequest,
): Promise<StreamAnswer> {
  const publicKey = Buffer.from(request.publicKey, 'base64');
  const { stream, openHash, time } = checkOpening(request, publicKey);
  const start = await context.pods.sidecarStart(caller);
  if (start.kind === 'absent') throw new ControllerError('forbidden', 'the pod has no tachograph container');
  if (start.kind === 'pending') {
    throw new ControllerError('stream_pending', 'the start of the container is not visible yet', {
      retryAfterMs: 1000,
    });
  }
  const keyId = keyIdOf(publicKey);
  const { namespace, pod, podUid } = caller;
  const startedAt = startOf(start, time);
  await context.sequencer.append([
    JSON.stringify({
      v: 1,
      type: 'stream.open',
      cluster: context.cluster,
      namespace,
      workload: start.workload,
      stream,
      keyId,
      publicKey: publicKey.toString('base64'),
      pod,
      podUid,
      ...(startedAt === undefined ? {} : { containerStartedAt: startedAt }),
      openHash,
      sig: request.sig,
      receivedAt: timeOf(context.clock),
    } satisfies Leaf),
  ]);
  return { keyId };
}

/**
 * The start that a stream belongs to. A stream that began before the current start is left over from the one before,
 * which crashed before it could register: its key must not take the place of the current one.
 */
function startOf(start: Extract<SidecarStart, { kind: 'started' }>, time: string): string | undefined {
  const { startedAt, previousStartedAt } = start;
  if (startedAt === undefined || previousStartedAt === undefined) return startedAt;
  return Date.parse(time) < Date.parse(startedAt) ? previousStartedAt : startedAt;
}

function checkOpening(
  request: StreamRequest,
  publicKey: Uint8Array,
): { readonly stream: string; readonly openHash: string; readonly time: string } {
  const line = Buffer.from(request.line);
  if (line.length > maxLineBytes) throw new ControllerError('too_large', `first record over ${maxLineBytes} bytes`);
  if (parseEd25519(publicKey) === undefined) throw new ControllerError('bad_request', 'expected an ed25519 key');
  const record = request.line.includes('\n') ? undefined : parseRecord(request.line);
  if (record?.kind !== 'stream.open' || record.seq !== 0 || record.prev !== zeroHash) {
    throw new ControllerError('bad_request', 'expected a stream.open record at seq 0');
  }
  if (!streamPattern.test(record.stream)) throw new ControllerError('bad_request', 'expected a UUIDv7 as stream');
  const openHash = hashLine(nodeCrypto, line);
  if (!verifyHead(nodeCrypto, publicKey, { stream: record.stream, seq: 0, hash: openHash }, request.sig)) {
    throw new ControllerError('signature_invalid', 'the first record is not signed by the key');
  }
  return { stream: record.stream, openHash, time: record.time };
}
