/** The facts of a session stand in its `session.open` record, maybe several segments back. */
import { fromUtf8, splitLines } from '@tachograph/archive';
import { parseRecord, type SessionManifest, type StoredRecord } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import type { SegmentRef } from '../sequencer/log-port.ts';
import type { IngestContext } from './ingest-context.ts';
import { isObject } from '../state/state-json.ts';
import { unpackSegment } from './unpack.ts';

export interface SessionOpening {
  readonly time: string;
  readonly principal?: NonNullable<SessionManifest['principal']>;
  readonly client?: NonNullable<SessionManifest['client']>;
  readonly correlation?: string;
}

/** `raw`: lines of the newest segment, which need no reading. */
export async function findOpening(
  context: IngestContext,
  stream: { readonly raw: Uint8Array; readonly segments: readonly SegmentRef[] },
  wanted: { readonly session: string; readonly seq: number },
): Promise<SessionOpening | undefined> {
  const here = findLine(stream.raw, wanted.seq);
  const record = here ?? (await findStored(context, stream.segments, wanted.seq));
  return record?.session === wanted.session ? toOpening(record) : undefined;
}

async function findStored(
  context: IngestContext,
  segments: readonly SegmentRef[],
  seq: number,
): Promise<StoredRecord | undefined> {
  const segment = segments.find(({ first, last }) => first <= seq && seq <= last);
  if (segment === undefined) return undefined;
  const { object, generation } = segment;
  const bytes = await context.store.get(object, { generation }).catch((error: unknown) => {
    throw new ControllerError('unavailable', 'the bucket does not answer', { cause: error, retryAfterMs: 2000 });
  });
  return bytes === undefined ? undefined : findLine(await unpackSegment(bytes), seq);
}

/** Lines are contiguous, so the first one says where another is. */
function findLine(raw: Uint8Array, seq: number): StoredRecord | undefined {
  let first: number | undefined;
  for (const { bytes, number } of splitLines(raw)) {
    if (first === undefined) first = parseRecord(fromUtf8(bytes) ?? '')?.seq;
    if (first === undefined || first > seq) return undefined;
    if (first + number - 1 === seq) return parseRecord(fromUtf8(bytes) ?? '');
  }
  return undefined;
}

/** A record's optional fields are the sidecar's word, so each is looked at. */
function toOpening(record: StoredRecord): SessionOpening {
  const { iss, sub, type } = toObject(record.principal);
  const { name, version } = toObject(record.client);
  const { correlation } = toObject(record.detail);
  return {
    time: record.time,
    ...(isText(iss) && isText(sub) && isText(type) ? { principal: { iss, sub, type } } : {}),
    ...(isText(name) ? { client: { name, ...(isText(version) ? { version } : {}) } } : {}),
    ...(isText(correlation) ? { correlation } : {}),
  };
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
