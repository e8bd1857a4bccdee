import type { RecordDraft } from '@tachograph/protocol';

/** A request whose terminal record is missing. */
export interface OpenRequest {
  readonly seq: number;
  /** The id's JSON text. */
  readonly id: string;
  readonly dir: string;
  readonly exchange?: number;
  readonly session?: string;
}

/** Requests without a response or outcome yet: what a later stream names as `outcome: unknown` if this process is killed. */
export class OpenRequests {
  readonly #open = new Map<string, OpenRequest>();

  /** Follows one stored record. */
  observe(seq: number, draft: RecordDraft): void {
    if (draft.kind === 'mcp.request' && draft.outcome === undefined) this.#begin(seq, draft);
    else if (draft.kind === 'mcp.response') this.#answer(draft);
    else if (draft.kind === 'hold.decision') this.#decide(seq, draft);
    else if (draft.outcome !== undefined) this.#end(draft);
  }

  /** Takes one over from a state file. */
  restore(request: OpenRequest): void {
    this.#open.set(keyOf(request.dir, request.exchange, request.id), request);
  }

  list(): OpenRequest[] {
    return [...this.#open.values()].toSorted((a, b) => a.seq - b.seq);
  }

  /** A call that has been answered with a task, or told to come again, is open again while it runs. */
  #decide(seq: number, draft: RecordDraft): void {
    const { jsonrpc_request_id: id = '', dir = 'c2s', exchange, detail } = draft;
    if (detail?.['runs'] === true && !this.#open.has(keyOf(dir, exchange, id))) this.#begin(seq, draft);
  }

  #begin(seq: number, draft: RecordDraft): void {
    const { jsonrpc_request_id: id, dir = 'c2s', exchange, session } = draft;
    if (id === undefined) return;
    this.#open.set(keyOf(dir, exchange, id), {
      seq,
      id,
      dir,
      ...(exchange === undefined ? {} : { exchange }),
      ...(session === undefined ? {} : { session }),
    });
  }

  #answer(draft: RecordDraft): void {
    const { jsonrpc_request_id: id, exchange, session } = draft;
    if (id === undefined) return this.#end(draft);
    const dir = draft.dir === 'c2s' ? 's2c' : 'c2s';
    if (this.#open.delete(keyOf(dir, exchange, id)) || session === undefined) return undefined;
    // The answer may come on another exchange: the SSE transport, a resumed stream, a client that answers the server.
    for (const [key, request] of this.#open) {
      if (request.session === session && request.id === id && request.dir === dir) {
        this.#open.delete(key);
        return undefined;
      }
    }
    return undefined;
  }

  /** A record with an outcome ends the request that it names, or all that its exchange brought. */
  #end(draft: RecordDraft): void {
    const { jsonrpc_request_id: id, exchange } = draft;
    if (id !== undefined) this.#open.delete(keyOf('c2s', exchange, id));
    else if (exchange !== undefined) {
      for (const [key, request] of this.#open) if (request.exchange === exchange) this.#open.delete(key);
    }
  }
}

function keyOf(dir: string, exchange: number | undefined, id: string): string {
  return `${dir}|${exchange ?? ''}|${id}`;
}
