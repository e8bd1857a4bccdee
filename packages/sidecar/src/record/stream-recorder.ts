import { randomUUIDv7 } from 'node:crypto';
import { blobThresholdBytes, bodyCipher, type RecordDraft } from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { ArchiveWaiters } from './archive-waiters.ts';
import type { Backlog } from './backlog.ts';
import type { BlobStore } from './blob-store.ts';
import type { Quota } from './quota.ts';
import {
  RecorderError,
  type CallDraft,
  type LineDraft,
  type LongBody,
  type Recorded,
  type Recorder,
  type RecorderRefusal,
  type SessionKey,
} from './recorder.ts';
import type { Session, SessionCloseReason, SessionTable } from './session-table.ts';
import type { BodySealer, SessionKeys } from './session-keys.ts';
import type { RecorderSettings } from './settings.ts';
import type { StreamKey } from './stream-key.ts';
import type { StreamWriter } from './stream-writer.ts';
import type { LateDraft } from './writer-options.ts';

export interface StreamRecorderParts {
  readonly stream: string;
  readonly settings: RecorderSettings;
  readonly key: StreamKey;
  readonly writer: StreamWriter;
  readonly sessions: SessionTable;
  readonly blobs: BlobStore;
  /** Absent: no body is sealed. */
  readonly keys: SessionKeys | undefined;
  readonly quota: Quota;
  readonly backlog: Backlog;
  readonly waiters: ArchiveWaiters;
  readonly clock: Clock;
}

/** One stream as the life of a call sees it. */
export class StreamRecorder implements Recorder {
  readonly stream: string;
  readonly #parts: StreamRecorderParts;
  #closed = false;
  #conflict = false;
  /** The last attempt to reach the archive failed. */
  archiveFails = false;
  /** A session ended since the last seal. */
  sessionEnded = false;

  constructor(parts: StreamRecorderParts) {
    this.#parts = parts;
    this.stream = parts.stream;
  }

  append(draft: CallDraft): Promise<Recorded> {
    const refusal = this.#refusalOf(draft);
    if (refusal !== undefined) return Promise.reject(new RecorderError(refusal, 'no call can be recorded now'));
    const written = draft.long === undefined ? this.#write(draft) : this.#writeLong(draft, draft.long);
    const { settings, waiters, clock } = this.#parts;
    return settings.durability === 'archive'
      ? written.then((recorded) => waiters.wait(recorded, clock.nowMs()))
      : written;
  }

  /** A record of the recorder itself: taken even when calls are not, and never waits for the archive. */
  appendOwn(draft: RecordDraft | LateDraft): Promise<Recorded> {
    return this.#parts.writer.append(draft, 'own');
  }

  session(key: SessionKey, facts: Partial<RecordDraft>): string | Promise<string> {
    const { sessions, clock } = this.#parts;
    const found = sessions.find(key, clock.nowMs());
    if (found === undefined) return this.#openSession(key, facts);
    return found.opening === undefined ? found.id : found.opening.then(() => found.id);
  }

  async closeSession(id: string, reason: SessionCloseReason): Promise<void> {
    const session = this.#parts.sessions.get(id);
    if (session === undefined || session.closing || session.closed !== undefined) return;
    await this.endSession(session, reason);
  }

  /** Also closes a session again after late records. */
  async endSession(session: Session, reason: SessionCloseReason): Promise<void> {
    const { sessions, writer } = this.#parts;
    session.closing = true;
    sessions.release(session);
    // Made when its turn comes, so that it counts every record of the session that was handed in before.
    const close = (): RecordDraft => {
      session.closed = reason;
      session.late = false;
      this.sessionEnded = true;
      return { kind: 'session.close', session: session.id, detail: sessions.closeDetail(session, reason) };
    };
    try {
      await writer.append(close, 'own');
    } finally {
      session.closing = false;
    }
  }

  digest(bytes: Uint8Array | string): string {
    return this.#parts.key.digest(bytes);
  }

  digestInTurns(bytes: Uint8Array): Promise<string> {
    return this.#parts.key.digestInTurns(bytes);
  }

  refusal(): RecorderRefusal | undefined {
    const { writer, quota } = this.#parts;
    if (this.#closed) return 'closed';
    if (this.#conflict) return 'stream_conflict';
    if (writer.broken) return 'spool_error';
    if (quota.full) return 'spool_full';
    return this.#tooOld() ? 'unarchived_too_old' : undefined;
  }

  /** The controller knows another key for this start: what this stream records would not be believed. */
  setConflict(): void {
    this.#conflict = true;
  }

  /** No more calls. */
  stop(): void {
    this.#closed = true;
  }

  /** New calls are held to every mark; records of calls that were let in are refused only where they cannot be stored. */
  #refusalOf(draft: RecordDraft): RecorderRefusal | undefined {
    if (draft.kind === 'mcp.request' && draft.dir !== 's2c') return this.refusal();
    return this.#closed ? 'closed' : undefined;
  }

  #write(draft: LineDraft): Promise<Recorded> {
    const { body } = draft;
    if (isLarge(body)) return this.#writeBlob(draft, { bytes: Buffer.from(body) });
    const sealer = this.#sealerOf(draft);
    return this.#parts.writer.append(sealer === undefined ? draft : sealBody(draft, sealer), 'call');
  }

  #writeLong({ long: _long, ...draft }: CallDraft, long: LongBody): Promise<Recorded> {
    if (long.bytes.length > blobThresholdBytes) return this.#writeBlob(draft, long);
    return this.#write({ ...draft, body: Buffer.from(long.bytes).toString() });
  }

  async #writeBlob(draft: RecordDraft, long: LongBody): Promise<Recorded> {
    const { writer, blobs, quota } = this.#parts;
    const sealer = this.#sealerOf(draft);
    const { bytes, sha256 }: LongBody = sealer === undefined ? long : { bytes: sealer.seal(long.bytes) };
    if (!quota.admits(bytes.length, 'call')) throw new RecorderError('spool_full', 'no room for a blob');
    const { blob, ready } = blobs.put(bytes, sha256);
    const { body: _stored, ...rest } = draft;
    try {
      return await writer.appendAfter(ready, { ...rest, ...(sealer === undefined ? {} : { enc: bodyCipher }), blob });
    } catch (error) {
      // After a failed write the line keeps its place and names the blob when it is written again.
      const mayBeNamed = error instanceof RecorderError && error.code === 'spool_error' && (await isStored(ready));
      if (!mayBeNamed) blobs.release(blob.sha256);
      throw error;
    }
  }

  async #openSession(key: SessionKey, facts: Partial<RecordDraft>): Promise<string> {
    if (this.#closed) throw new RecorderError('closed', 'recorder is closed');
    const { sessions, clock } = this.#parts;
    const session = sessions.open(randomUUIDv7(), key, clock.nowMs());
    // For `archive` the synced line is enough: the request that follows waits for the archive, and it comes later in the chain.
    session.opening = this.#recordOpening(session, facts);
    try {
      await session.opening;
      return session.id;
    } catch (error) {
      sessions.release(session);
      throw error;
    } finally {
      session.opening = undefined;
    }
  }

  async #recordOpening(session: Session, facts: Partial<RecordDraft>): Promise<void> {
    const { writer, keys, settings } = this.#parts;
    if (settings.sealsBodies) session.sealer = await keys?.create(session.id, this.stream);
    await writer.append({ ...facts, kind: 'session.open', session: session.id }, 'call');
  }

  #sealerOf({ session }: RecordDraft): BodySealer | undefined {
    return session === undefined ? undefined : this.#parts.sessions.get(session)?.sealer;
  }

  #tooOld(): boolean {
    const { settings, backlog, writer, clock } = this.#parts;
    if (settings.controller === undefined) return false;
    // No record may be older than the way to the archive takes.
    if (settings.durability === 'archive' && this.archiveFails) return true;
    const oldestMs = backlog.oldestMs ?? writer.segment?.oldestMs;
    return oldestMs !== undefined && clock.nowMs() - oldestMs > settings.maxUnarchivedAgeMs;
  }
}

function sealBody({ bodyJson: _plain, ...draft }: LineDraft, sealer: BodySealer): RecordDraft {
  const { body } = draft;
  return body === undefined
    ? draft
    : { ...draft, enc: bodyCipher, body: sealer.seal(Buffer.from(body)).toString('base64') };
}

/** A UTF-16 unit is at most three bytes, so most bodies need no exact count. */
function isLarge(body: string | undefined): body is string {
  return body !== undefined && body.length * 3 > blobThresholdBytes && Buffer.byteLength(body) > blobThresholdBytes;
}

function isStored(ready: Promise<void>): Promise<boolean> {
  return ready.then(
    () => true,
    () => false,
  );
}
