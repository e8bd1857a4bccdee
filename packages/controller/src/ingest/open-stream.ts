/** `POST /v1/streams`: one stream key per start of the `tachograph` container (`contracts.md`, Stream keys). */
import { hashLine, verifyHead } from '@tachograph/archive';
import {
  isUuidV7,
  parseRecord,
  zeroHash,
  type Leaf,
  type StoredRecord,
  type StreamAnswer,
  type StreamOpenLeaf,
  type StreamRequest,
} from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { nodeCrypto } from '../keys/node-crypto.ts';
import { keyIdOf, parseEd25519 } from '../keys/signing-key.ts';
import type { PodIdentity, SidecarStart } from '../ports.ts';
import { isObject } from '../state/state-json.ts';
import { timeOf, type IngestContext } from './ingest-context.ts';

const maxLineBytes = 65_536;
const keyIdPattern = /^[0-9a-f]{32}$/;

/** Checks the signed first record and asks the log, which alone decides on uniqueness. */
export async function openStream(
  context: IngestContext,
  caller: PodIdentity,
  request: StreamRequest,
): Promise<StreamAnswer> {
  const opening = checkOpening(request);
  const start = await context.pods.sidecarStart(caller);
  if (start.kind === 'absent') throw new ControllerError('forbidden', 'the pod has no tachograph container');
  if (start.kind === 'pending') {
    throw new ControllerError('stream_pending', 'the start of the container is not visible yet', {
      retryAfterMs: 1000,
    });
  }
  const facts = { ...opening, caller, workload: start.workload, sig: request.sig };
  const at = placeOf(start, opening.time);
  await append(context, facts, at).catch(async (error: unknown) => {
    const isTaken = error instanceof ControllerError && error.code === 'stream_pending';
    if (!isTaken || !('containerStartedAt' in at)) throw error;
    // Not this start's, then: perhaps one before it, which the kubelet no longer reports.
    await append(context, facts, { late: true });
  });
  return { keyId: opening.keyId };
}

/** The start that a stream belongs to, as its leaf states it. */
type StartPlace = Pick<StreamOpenLeaf, 'containerStartedAt' | 'late'>;

interface OpeningFacts extends Opening {
  readonly caller: PodIdentity;
  readonly workload: string;
  readonly sig: string;
}

async function append(context: IngestContext, facts: OpeningFacts, at: StartPlace): Promise<void> {
  const { caller, workload, stream, keyId, publicKey, openHash, sig, previous } = facts;
  const { namespace, pod, podUid } = caller;
  await context.sequencer.append([
    JSON.stringify({
      v: 1,
      type: 'stream.open',
      cluster: context.cluster,
      namespace,
      workload,
      stream,
      keyId,
      publicKey,
      pod,
      podUid,
      ...at,
      ...(previous === undefined ? {} : { previous }),
      openHash,
      sig,
      receivedAt: timeOf(context.clock),
    } satisfies Leaf),
  ]);
}

/**
 * A stream that began before the current start is left over from the one before, which crashed before it could register:
 * its key must not take the place of the current one. One that began earlier still has no start that the kubelet knows.
 */
function placeOf(start: Extract<SidecarStart, { kind: 'started' }>, time: string): StartPlace {
  const { startedAt, previousStartedAt } = start;
  if (startedAt === undefined) return {};
  if (previousStartedAt === undefined || Date.parse(time) >= Date.parse(startedAt)) {
    return { containerStartedAt: startedAt };
  }
  return Date.parse(time) >= Date.parse(previousStartedAt) ? { containerStartedAt: previousStartedAt } : { late: true };
}

/** What a signed first record proves. */
interface Opening extends Pick<StreamOpenLeaf, 'stream' | 'keyId' | 'publicKey' | 'openHash' | 'previous'> {
  readonly time: string;
}

function checkOpening(request: StreamRequest): Opening {
  const publicKey = Buffer.from(request.publicKey, 'base64');
  const { stream, time, detail, line } = checkLine(request, publicKey);
  const openHash = hashLine(nodeCrypto, line);
  const keyId = keyIdOf(publicKey);
  const isSigned = verifyHead(nodeCrypto, publicKey, { stream, seq: 0, hash: openHash }, request.sig);
  if (!isSigned || (detail?.['key_id'] ?? keyId) !== keyId) {
    throw new ControllerError('signature_invalid', 'the first record is not signed by the key, or names another one');
  }
  const previous = parsePrevious(detail?.['previous']);
  const key = { keyId, publicKey: publicKey.toString('base64') };
  return { stream, time, openHash, ...key, ...(previous === undefined ? {} : { previous }) };
}

function checkLine(request: StreamRequest, publicKey: Uint8Array): StoredRecord & { readonly line: Buffer } {
  const line = Buffer.from(request.line);
  if (line.length > maxLineBytes) throw new ControllerError('too_large', `first record over ${maxLineBytes} bytes`);
  if (parseEd25519(publicKey) === undefined) throw new ControllerError('bad_request', 'expected an ed25519 key');
  const record = request.line.includes('\n') ? undefined : parseRecord(request.line);
  if (record?.kind !== 'stream.open' || record.seq !== 0 || record.prev !== zeroHash) {
    throw new ControllerError('bad_request', 'expected a stream.open record at seq 0');
  }
  if (!isUuidV7(record.stream)) throw new ControllerError('bad_request', 'expected a UUIDv7 as stream');
  return { ...record, line };
}

/** `previous` of a `stream.open` record; `undefined` when there is none or it names no stream. */
function parsePrevious(value: unknown): StreamOpenLeaf['previous'] {
  if (!isObject(value)) return undefined;
  const { stream, key_id: keyId } = value;
  if (typeof stream !== 'string' || !isUuidV7(stream)) return undefined;
  if (keyId === undefined) return { stream };
  return typeof keyId === 'string' && keyIdPattern.test(keyId) ? { stream, keyId } : undefined;
}
