/** `POST /v1/heads`: kept in memory, sent on in bulk each second, and lost without harm. */
import type { HeadsAnswer, HeadsRequest } from '@tachograph/protocol';
import type { Logger } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import type { PodIdentity, Timers } from '../ports.ts';
import { every } from '../sequencer/every.ts';
import type { LogPort } from '../sequencer/log-port.ts';

export interface HeadRelayOptions {
  readonly sequencer: LogPort;
  readonly timers: Timers;
  readonly log: Logger;
  readonly intervalMs: number;
}

export interface HeadRelay {
  /** Takes a head of the pod's own stream; tells whether the pod is being deleted. */
  take(caller: PodIdentity, head: HeadsRequest): Promise<HeadsAnswer>;
  /** Sends what has come since the last time. */
  send(): Promise<void>;
  stop(): void;
}

/** Streams whose owner is known; the oldest are forgotten first and asked for again. */
const rememberedOwners = 20_000;
const headsPerRequest = 5000;

export function createHeadRelay(options: HeadRelayOptions): HeadRelay {
  const { sequencer } = options;
  const owners = new Map<string, string>();
  let waiting = new Map<string, HeadsRequest>();
  let deleting = new Map<string, string>();
  const ownerOf = async (stream: string): Promise<string> => {
    const known = owners.get(stream);
    if (known !== undefined) return known;
    const view = await sequencer.stream({ stream });
    if (view === undefined)
      throw new ControllerError('stream_unknown', 'no such stream is open', { retryAfterMs: 1000 });
    const oldest = owners.size >= rememberedOwners ? owners.keys().next().value : undefined;
    if (oldest !== undefined) owners.delete(oldest);
    owners.set(stream, view.open.podUid);
    return view.open.podUid;
  };
  const send = async (): Promise<void> => {
    const heads = [...waiting.values()];
    waiting = new Map();
    const answers = [];
    for (let from = 0; from === 0 || from < heads.length; from += headsPerRequest) {
      answers.push(...(await sequencer.heads(heads.slice(from, from + headsPerRequest))));
    }
    deleting = new Map(answers.map((one) => [one.podUid, one.deletionTimestamp]));
  };
  return {
    async take(caller, head) {
      if ((await ownerOf(head.stream)) !== caller.podUid) {
        throw new ControllerError('forbidden', 'the stream is of another pod');
      }
      const known = waiting.get(head.stream);
      if (known === undefined || known.seq <= head.seq) waiting.set(head.stream, head);
      const deletionTimestamp = deleting.get(caller.podUid);
      return deletionTimestamp === undefined ? {} : { deletionTimestamp };
    },
    send,
    stop: every({ ...options, name: 'heads' }, options.intervalMs, send),
  };
}
