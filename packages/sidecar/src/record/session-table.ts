import { toHex } from '@tachograph/archive';
import type { SessionCloseDetail } from '@tachograph/protocol';
import { toSessionState, type SessionState } from './open-state.ts';
import type { SessionKey } from './recorder.ts';
import type { BodySealer } from './session-keys.ts';
import { SessionTree } from './session-tree.ts';

export type SessionCloseReason = SessionCloseDetail['closed'];

/** One session of this stream. */
export interface Session {
  readonly id: string;
  readonly keyText: string;
  readonly tree: SessionTree;
  first: number;
  last: number;
  lastUsedMs: number;
  /** Where bodies are sealed. */
  sealer: BodySealer | undefined;
  /** Until `session.open` is durable. */
  opening: Promise<unknown> | undefined;
  /** Set when `session.close` has been written; records that come later make it due again. */
  closed: SessionCloseReason | undefined;
  /** A `session.close` is on its way. */
  closing: boolean;
  late: boolean;
}

/**
 * Open sessions, and those closed a short while ago: the answer to a call may come after the DELETE that ended its
 * session. Such late records make a second `session.close` with the totals of all, which becomes the manifest's next revision.
 */
export class SessionTable {
  readonly #byId = new Map<string, Session>();
  readonly #byKey = new Map<string, Session>();
  readonly #idleMs: number;
  readonly #limit: number;

  constructor(idleMs: number, limit = 2000) {
    this.#idleMs = idleMs;
    this.#limit = limit;
  }

  /** The open session of this key; `undefined` when there is none or it has been idle too long. */
  find(key: SessionKey, nowMs: number): Session | undefined {
    const session = this.#byKey.get(textOf(key));
    if (session === undefined || nowMs - session.lastUsedMs > this.#idleMs) return undefined;
    session.lastUsedMs = nowMs;
    return session;
  }

  /** Takes the key over; an idle session that still held it stays until its `session.close` is written. */
  open(id: string, key: SessionKey, nowMs: number): Session {
    const session: Session = {
      id,
      keyText: textOf(key),
      tree: new SessionTree(),
      first: -1,
      last: -1,
      lastUsedMs: nowMs,
      sealer: undefined,
      opening: undefined,
      closed: undefined,
      closing: false,
      late: false,
    };
    this.#byId.set(id, session);
    this.#byKey.set(session.keyText, session);
    return session;
  }

  get(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  /** Its key is free again: the next call opens another session. */
  release(session: Session): void {
    if (this.#byKey.get(session.keyText) === session) this.#byKey.delete(session.keyText);
  }

  forget(session: Session): void {
    this.release(session);
    this.#byId.delete(session.id);
  }

  /** Counts a stored line. Called once a line, in seq order; `session.close` lines are not counted. */
  observe(id: string, seq: number, lineHash: string, nowMs: number): void {
    const session = this.#byId.get(id);
    if (session === undefined || seq <= session.last) return;
    session.tree.append(lineHash);
    if (session.first < 0) session.first = seq;
    session.last = seq;
    session.lastUsedMs = nowMs;
    if (session.closed !== undefined) session.late = true;
  }

  /** Sessions whose `session.close` is due: idle ones, the longest idle ones above the limit, late ones. */
  due(nowMs: number): { readonly session: Session; readonly reason: SessionCloseReason }[] {
    const due: { session: Session; reason: SessionCloseReason }[] = [];
    const live: Session[] = [];
    for (const session of this.#byId.values()) {
      if (session.closing || session.last < 0) continue;
      const idleMs = nowMs - session.lastUsedMs;
      if (session.closed === undefined && idleMs <= this.#idleMs) live.push(session);
      else if (session.closed === undefined) due.push({ session, reason: 'idle' });
      else this.#afterClose(session, idleMs, due);
    }
    const excess = live.length - this.#limit;
    if (excess > 0) {
      const oldest = live.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs).slice(0, excess);
      due.push(...oldest.map((session) => ({ session, reason: 'idle' as const })));
    }
    return due;
  }

  #afterClose(session: Session, idleMs: number, due: { session: Session; reason: SessionCloseReason }[]): void {
    if (session.late && idleMs > lateSettleMs) due.push({ session, reason: session.closed ?? 'idle' });
    else if (!session.late && idleMs > lateWindowMs) this.#byId.delete(session.id);
  }

  /** Sessions that need a `session.close` at shutdown. */
  unclosed(): Session[] {
    return [...this.#byId.values()].filter((one) => one.last >= 0 && (one.closed === undefined || one.late));
  }

  /** `detail` of the `session.close` that is written now. */
  closeDetail(session: Session, reason: SessionCloseReason): SessionCloseDetail {
    const { first, last } = session;
    const tree = session.tree.folded();
    return { closed: reason, count: tree.size, first, last, root: toHex(tree.root()) };
  }

  states(): SessionState[] {
    return this.unclosed().map(({ id, tree, first, last }) => toSessionState(id, tree.folded(), { first, last }));
  }

  get size(): number {
    return this.#byId.size;
  }
}

/** A late record waits this long for others before the session is closed again. */
const lateSettleMs = 10_000;
/** A closed session is remembered this long after its last record. */
const lateWindowMs = 120_000;

function textOf(key: SessionKey): string {
  if (key.mcpSessionId !== undefined) return `m${key.mcpSessionId}`;
  return `i${JSON.stringify([key.iss, key.sub, key.clientId, key.clientName])}`;
}
