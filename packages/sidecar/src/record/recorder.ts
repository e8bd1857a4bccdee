import type { RecordDraft } from '@tachograph/protocol';

/** A line's place in the chain. */
export interface Recorded {
  readonly seq: number;
  /** SHA-256 of the stored line, hex. */
  readonly hash: string;
}

/** What makes two calls one session where the server issues no session id (`contracts.md`, A session). */
export interface SessionKey {
  /** `Mcp-Session-Id` as the server issued it, or the SSE endpoint's session; absent: the identity below is the key. */
  readonly mcpSessionId?: string;
  readonly iss: string;
  readonly sub: string;
  readonly clientId: string;
  readonly clientName: string;
}

/** A masked body that is too long to be a string on this thread. `sha256` of the bytes, hex, where it is known. */
export interface LongBody {
  readonly bytes: Uint8Array;
  readonly sha256?: string;
}

/**
 * A record with what is known of its line: `bodyJson` is the JSON string of `body` as UTF-8, in pieces, where it has been
 * made before. It counts only where the line holds `body` itself.
 */
export interface LineDraft extends RecordDraft {
  readonly bodyJson?: readonly Uint8Array[];
}

/** A record as a call hands it in; `long` stands in the place of `body`. */
export interface CallDraft extends LineDraft {
  readonly long?: LongBody;
}

/** The recorder as the life of a call sees it. */
export interface Recorder {
  /**
   * Appends one record and resolves when it is durable at the pod's level. Records are appended in call order.
   * Rejects with a `RecorderError` when it cannot be taken (quota, I/O error, `maxUnarchivedAge`): the caller refuses the call.
   */
  append(draft: CallDraft): Promise<Recorded>;
  /**
   * The session's UUIDv7: found, or opened with a `session.open` record that is durable before this resolves.
   * `facts` go into that record (principal, client, protocol version).
   */
  session(key: SessionKey, facts: Partial<RecordDraft>): string | Promise<string>;
  /** Writes `session.close`; a session that is not open is ignored. */
  closeSession(session: string, reason: 'delete' | '404'): Promise<void>;
  /** Keyed digest (HMAC-SHA-256, hex) under the stream's memory-only key. */
  digest(bytes: Uint8Array | string): string;
  /** The same of many bytes, without holding up other calls; they must not change meanwhile. */
  digestInTurns(bytes: Uint8Array): Promise<string>;
  /** Why calls must be refused now; `undefined` when recording works. Cheap: asked on every call. */
  refusal(): RecorderRefusal | undefined;
  readonly stream: string;
}

/** `stream_conflict`: the controller accepted another stream key for this start of the container. */
export type RecorderRefusal = 'spool_full' | 'spool_error' | 'unarchived_too_old' | 'stream_conflict' | 'closed';

/** `bad_draft`: the producer's fault; that record alone is not taken. */
export type RecorderErrorCode = RecorderRefusal | 'bad_draft';

/** A record could not be taken, or its durability is unknown: the call that it belongs to must be refused. */
export class RecorderError extends Error {
  override readonly name = 'RecorderError';
  readonly code: RecorderErrorCode;

  constructor(code: RecorderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Counts refused requests per source and reason; written as one `auth.refused` (or `gap`) summary a second, under a quota of their own. */
export interface RefusalCounter {
  count(refusal: { readonly source: string; readonly reason: string; readonly origin: string }): void;
}
