/** Calls that wait for a person now: how many may, and what ends their waiting. */

/** `time`: the client would soon give up. `client_left`, `cancelled` and `session_deleted`: the three forms of cancellation. */
export type HoldEnd = 'time' | 'shutdown' | 'client_left' | 'cancelled' | 'session_deleted';

/** Whose call waits, and under what the client could cancel it. */
export interface HeldCall {
  /** One text for each caller. */
  readonly caller: string;
  readonly mcpSessionId: string | undefined;
  /** JSON text of the request's id. */
  readonly idText: string;
  /** What is kept in memory meanwhile. */
  readonly bytes: number;
}

export interface Hold {
  /** Aborts when the hold ends. */
  readonly signal: AbortSignal;
  readonly endedBy: HoldEnd | undefined;
  /** The approval that it waits for. */
  approval: string | undefined;
  /** The first end counts. */
  end(why: HoldEnd): void;
  /** It waits no more; nothing ends it then. */
  leave(): void;
}

export interface HoldLimits {
  readonly maxCalls: number;
  readonly maxCallsOfCaller: number;
  readonly maxBytes: number;
}

export interface HoldDesk {
  enter(call: HeldCall): Hold | { readonly refused: string };
  /** `notifications/cancelled` of this caller. */
  cancel(caller: string, mcpSessionId: string | undefined, idText: string): void;
  /** The session is deleted, or its stream has closed. */
  cancelSession(caller: string, mcpSessionId: string, why: HoldEnd): void;
  /** Whether another call waits for the same approval. */
  isAwaited(approval: string): boolean;
  /** Ends all, and takes no more. */
  shutdown(): void;
  readonly size: number;
}

interface Entry {
  readonly call: HeldCall;
  readonly hold: OpenHold;
}

export function createHoldDesk(limits: HoldLimits): HoldDesk {
  const held = new Set<Entry>();
  let closing = false;
  const refusalOf = (call: HeldCall): string | undefined => {
    if (closing) return 'the recorder is restarting';
    const own = [...held].filter(({ call: { caller } }) => caller === call.caller);
    const bytes = [...held].reduce((sum, { call: { bytes: one } }) => sum + one, call.bytes);
    if (own.length >= limits.maxCallsOfCaller) return `${own.length} calls of this caller are held already`;
    if (held.size >= limits.maxCalls || bytes > limits.maxBytes) return 'too many calls are held already';
    return undefined;
  };
  const endThose = (why: HoldEnd, isMeant: (call: HeldCall) => boolean): void => {
    for (const { call, hold } of held) if (isMeant(call)) hold.end(why);
  };
  return {
    enter(call) {
      const refused = refusalOf(call);
      if (refused !== undefined) return { refused };
      const hold = new OpenHold(() => held.delete(entry));
      const entry: Entry = { call, hold };
      held.add(entry);
      return hold;
    },
    cancel: (caller, mcpSessionId, idText) =>
      endThose(
        'cancelled',
        (call) => call.caller === caller && call.mcpSessionId === mcpSessionId && call.idText === idText,
      ),
    cancelSession: (caller, mcpSessionId, why) =>
      endThose(why, (call) => call.caller === caller && call.mcpSessionId === mcpSessionId),
    isAwaited: (approval) => [...held].some(({ hold }) => hold.approval === approval),
    shutdown() {
      closing = true;
      endThose('shutdown', () => true);
    },
    get size() {
      return held.size;
    },
  };
}

class OpenHold implements Hold {
  approval: string | undefined;
  private readonly abort = new AbortController();
  private readonly onLeave: () => void;
  private why: HoldEnd | undefined;
  private left = false;

  constructor(onLeave: () => void) {
    this.onLeave = onLeave;
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get endedBy(): HoldEnd | undefined {
    return this.why;
  }

  end(why: HoldEnd): void {
    if (this.left || this.why !== undefined) return;
    this.why = why;
    this.abort.abort();
  }

  leave(): void {
    this.left = true;
    this.onLeave();
  }
}
