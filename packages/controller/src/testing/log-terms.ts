/** Terms of leadership over one store under a clock that stands: what tests of the log's own writing need. */
import { silentLogger } from '@tachograph/service';
import { objectNames, segmentFileName, zeroHash, type Leaf, type StreamOpenLeaf } from '@tachograph/protocol';
import type { ObjectStore } from '@tachograph/store';
import { generateSigningKeyPem, toSigningKey } from '../keys/signing-key.ts';
import { createLogKey, holdKeys } from '../sequencer/log-key.ts';
import type { SequencerOptions } from '../sequencer/sequencer.ts';
import { startTerm, type Term } from '../sequencer/term.ts';
import { createMemoryStore } from './memory-store.ts';
import { StillClock } from './still-clock.ts';
import { TestStream, uuidOf } from './test-stream.ts';

/** The leaf that opens a stream of `demo/store`, as text. */
export function openLeafOf(
  stream: TestStream,
  pod: Pick<StreamOpenLeaf, 'pod' | 'podUid' | 'containerStartedAt' | 'receivedAt'>,
): string {
  return JSON.stringify({
    v: 1,
    type: 'stream.open',
    cluster: 'test',
    namespace: 'demo',
    workload: 'store',
    stream: stream.stream,
    keyId: stream.keyId,
    publicKey: stream.publicKey,
    ...pod,
    openHash: 'a'.repeat(64),
    sig: stream.opening.sig,
  } satisfies Leaf);
}

export class LogTerms {
  readonly clock = new StillClock();
  readonly pem = generateSigningKeyPem();
  readonly key = createLogKey('test', toSigningKey(this.pem));
  readonly sign = (bytes: Uint8Array): Uint8Array => toSigningKey(this.pem).sign(bytes);
  readonly store: ObjectStore;
  /** Why terms halted. */
  readonly halts: string[] = [];

  constructor(store: ObjectStore = createMemoryStore()) {
    this.store = store;
  }

  async lead(options: Partial<SequencerOptions> = {}): Promise<Term> {
    return this.during(
      startTerm(
        {
          settings: {
            cluster: 'test',
            gatherMs: 10,
            checkpointIntervalMs: 60_000,
            headsIntervalMs: 60_000,
            sweepIntervalMs: 15_000,
            lostAfterMs: 1e12,
          },
          store: this.store,
          keys: holdKeys(this.key),
          lease: { start: () => undefined, holder: () => undefined, stop: async () => undefined },
          pods: {
            sidecarStart: async () => ({ kind: 'absent' }),
            list: async () => undefined,
            watch: async () => () => undefined,
          },
          clock: this.clock,
          timers: this.clock,
          log: silentLogger,
          onHalt: () => undefined,
          ...options,
        },
        { onHalt: (reason) => void this.halts.push(reason), alive: () => true },
      ),
    );
  }

  /** Lets time pass while waiting, as group commit needs it. */
  async during<T>(work: Promise<T>): Promise<T> {
    const state = { settled: false };
    const settled = (): void => void (state.settled = true);
    work.then(settled, settled);
    for (let turn = 0; turn < 1000 && !state.settled; turn += 1) await this.clock.pass(10);
    return work;
  }

  async leaves(): Promise<readonly Leaf[]> {
    const found: Leaf[] = [];
    for await (const { name } of this.store.list('v1/log/batch/')) {
      const [text = ''] = Buffer.from((await this.store.get(name)) ?? [])
        .toString()
        .split('\n\n');
      for (const line of text.split('\n').slice(4)) found.push(JSON.parse(line) as Leaf);
    }
    return found;
  }

  async leavesOf<T extends Leaf['type']>(type: T): Promise<readonly Extract<Leaf, { type: T }>[]> {
    return (await this.leaves()).filter((leaf): leaf is Extract<Leaf, { type: T }> => leaf.type === type);
  }

  /** Opens a stream of its own pod. */
  openLeaf(id: number): string {
    const pod = { pod: `store-${id}`, podUid: `uid-${id}`, containerStartedAt: '2026-11-21T09:59:00Z' };
    return openLeafOf(new TestStream({ stream: uuidOf(id) }), { ...pod, receivedAt: this.now() });
  }

  /** A segment of that stream; every line's hash is its seq. */
  segmentLeaf(id: number, first: number, last: number): string {
    const stream = uuidOf(id);
    const fileName = segmentFileName({ stream, first, last, sha16: lineHash(last).slice(0, 16) });
    return JSON.stringify({
      v: 1,
      type: 'segment',
      object: objectNames.record({ cluster: 'test', namespace: 'demo', day: '2026-11-21' }, fileName),
      generation: '1',
      size: 1,
      sha256: lineHash(last),
      stream,
      first,
      last,
      firstPrev: first === 0 ? zeroHash : lineHash(first - 1),
      lastHash: lineHash(last),
      signedSeq: last,
      sig: '',
      keyId: 'k',
      unsignedTail: 0,
      blobs: [],
      receivedAt: this.now(),
    } satisfies Leaf);
  }

  now(): string {
    return new Date(this.clock.nowMs()).toISOString();
  }
}

function lineHash(seq: number): string {
  return (seq + 1).toString(16).padStart(64, '0');
}
