import type { StreamResult, StreamState, StreamTaskData } from '@tachograph/archive';

/** How a thread finds the archive: by address, because an opened one cannot be handed over. */
export interface WorkerArchive {
  readonly address: string;
  readonly apiEndpoint: string | undefined;
  /** States of unfinished streams are sent this often, in milliseconds; `undefined`: never. */
  readonly saveEveryMs: number | undefined;
}

/** To the thread. `stop`: send the state of the stream at hand, and end it. */
export type ToWorker = { readonly kind: 'task'; readonly task: StreamTaskData } | { readonly kind: 'stop' };

/** From the thread. `stopped`: the stream was left where its last state says. */
export type FromWorker =
  | { readonly kind: 'segment'; readonly recordBytes: number }
  | { readonly kind: 'state'; readonly state: StreamState }
  | { readonly kind: 'result'; readonly result: StreamResult }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly message: string };
