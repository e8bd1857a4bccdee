/** Which pods should be recorded, and whether they are: leaves about pods. */
import type { CoverageGapLeaf, PodLeafType } from './coverage-leaves.ts';
import { gapLeaf, podLeaf } from './coverage-leaves.ts';
import { describeError, type Clock, type Logger } from '@tachograph/service';
import type { PodEvent, PodFacts, Pods } from '../ports.ts';
import type { AdmittedPod, DeletingPod } from './log-port.ts';
import type { TransparencyLog } from './transparency-log.ts';

/** A recorded pod must have a stream, and an admitted one must be seen, within this time. */
export const graceMs = 60_000;
/** A pod that is gone stays known this long: its stream may still arrive. */
const rememberGoneMs = 3_600_000;

export interface CoverageOptions {
  readonly log: TransparencyLog;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly cluster: string;
  readonly pods: Pods;
}

export interface Coverage {
  /** Reconciles the log with the pods there are now, then follows them. */
  start(): Promise<void>;
  admitted(pod: AdmittedPod): Promise<void>;
  sweep(): Promise<void>;
  deleting(): readonly DeletingPod[];
  goneAtMs(podUid: string): number | undefined;
  stop(): void;
}

export function createCoverage(options: CoverageOptions): Coverage {
  return new PodCoverage(options);
}

class PodCoverage implements Coverage {
  readonly #options: CoverageOptions;
  readonly #seen = new Map<string, { readonly facts: PodFacts; runningSinceMs: number | undefined }>();
  readonly #gone = new Map<string, number>();
  readonly #expected = new Map<string, { readonly pod: AdmittedPod; readonly sinceMs: number }>();
  #stopWatch = (): void => undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(options: CoverageOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const present = await this.#options.pods.list();
    if (present === undefined) return;
    const uids = new Set(present.map(({ podUid }) => podUid));
    for (const [podUid, { namespace, pod }] of this.#options.log.index.pods) {
      if (uids.has(podUid)) continue;
      this.#gone.set(podUid, this.#options.clock.nowMs());
      await this.#tell('pod.deleted', { namespace, pod, podUid }, 'absent when this sequencer began to lead');
    }
    this.#stopWatch = await this.#options.pods.watch((event) => this.#enqueue(event));
  }

  async admitted(pod: AdmittedPod): Promise<void> {
    if (this.#gone.has(pod.podUid)) return;
    if (!this.#seen.has(pod.podUid)) this.#expected.set(pod.podUid, { pod, sinceMs: this.#options.clock.nowMs() });
    await this.#tell('pod.injected', pod);
  }

  async sweep(): Promise<void> {
    const now = this.#options.clock.nowMs();
    for (const [podUid, { pod, sinceMs }] of this.#expected) {
      if (now - sinceMs < graceMs) continue;
      this.#expected.delete(podUid);
      await this.#tell('pod.rejected', pod, 'admitted but never seen');
    }
    const withStream = new Set([...this.#options.log.index.streams.values()].map(({ open }) => open.podUid));
    for (const { facts, runningSinceMs } of this.#seen.values()) {
      const due = facts.injected && runningSinceMs !== undefined && now - runningSinceMs >= graceMs;
      if (due && !withStream.has(facts.podUid)) await this.#gap(facts, 'no_stream');
    }
    for (const [podUid, atMs] of this.#gone) if (now - atMs > rememberGoneMs) this.#gone.delete(podUid);
  }

  deleting(): readonly DeletingPod[] {
    return [...this.#seen.values()].flatMap(({ facts: { podUid, deletionTimestamp } }) =>
      deletionTimestamp === undefined ? [] : [{ podUid, deletionTimestamp }],
    );
  }

  goneAtMs(podUid: string): number | undefined {
    return this.#gone.get(podUid);
  }

  stop(): void {
    this.#stopWatch();
  }

  /** One event after the other: what is told depends on what was told. */
  #enqueue(event: PodEvent): void {
    this.#note(event);
    this.#work = this.#work
      .then(async () => this.#take(event))
      .catch((error: unknown) => {
        this.#options.logger.warn('pod event not logged', { pod: event.pod.pod, err: describeError(error) });
      });
  }

  #note({ kind, pod }: PodEvent): void {
    const now = this.#options.clock.nowMs();
    this.#expected.delete(pod.podUid);
    if (kind === 'gone') {
      this.#seen.delete(pod.podUid);
      this.#gone.set(pod.podUid, now);
      return;
    }
    const runningSinceMs = pod.running ? (this.#seen.get(pod.podUid)?.runningSinceMs ?? now) : undefined;
    this.#seen.set(pod.podUid, { facts: pod, runningSinceMs });
  }

  async #take({ kind, pod }: PodEvent): Promise<void> {
    if (kind === 'gone') {
      if (this.#options.log.index.pods.has(pod.podUid)) await this.#tell('pod.deleted', pod);
      return;
    }
    if (pod.injected) await this.#tell('pod.injected', pod);
    else if (pod.labelled) await this.#gap(pod, 'no_sidecar');
    else await this.#tell('pod.unlabelled', pod);
  }

  async #tell(type: PodLeafType, pod: AdmittedPod, reason?: string): Promise<void> {
    const { log, cluster, clock } = this.#options;
    if (log.index.pods.get(pod.podUid)?.told.has(type) === true) return;
    await log.write(podLeaf({ type, cluster, pod, at: new Date(clock.nowMs()).toISOString(), reason }));
  }

  async #gap(pod: PodFacts, reason: CoverageGapLeaf['reason']): Promise<void> {
    const { log, cluster, clock } = this.#options;
    if (log.index.pods.get(pod.podUid)?.told.has(`coverage.gap ${reason}`) === true) return;
    await log.write(gapLeaf({ cluster, pod, at: new Date(clock.nowMs()).toISOString(), reason }));
  }
}
