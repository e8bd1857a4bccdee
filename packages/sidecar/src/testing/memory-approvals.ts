/** A controller's approvals in memory, as the protocol says they behave; people decide by a call. */
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { ApprovalRequest, ApprovalReveal, ApprovalState, ApprovalView, SealedReveal } from '@tachograph/protocol';
import type { ApprovalAnswer, ApprovalPort } from '../approvals/approval-port.ts';

export interface MemoryApprovals extends ApprovalPort {
  readonly all: Map<string, ApprovalView>;
  /** What the sidecar asked, in order: `request`, `wait`, `consume`, `cancel`. */
  readonly asked: string[];
  /** While set, nothing answers. */
  unreachable: boolean;
  /** While set, `consume` waits for it. */
  consuming: Promise<void> | undefined;
  secret: Uint8Array | undefined;
  /** One person decides on the newest, or on the named one; throws for the caller itself, as the controller refuses it. */
  readonly decide: (verdict: 'approve' | 'deny', by: string, id?: string) => ApprovalView;
  readonly expire: (id?: string) => void;
  /** One person asks to see what masking hid in the newest. */
  readonly askReveal: (reveal: ApprovalReveal) => void;
  /** What sidecars have sealed. */
  readonly sealed: (SealedReveal & { readonly reveal: string })[];
  /** What the next answers to a sealed box are; then `done`. */
  readonly revealAnswers: ('done' | 'refused' | 'elsewhere')[];
  /** The newest. */
  readonly last: () => ApprovalView;
  /** Resolves when one is pending that was not there before. */
  readonly held: (count?: number) => Promise<ApprovalView>;
}

export function createMemoryApprovals(): MemoryApprovals {
  const all = new Map<string, ApprovalView>();
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const one of waiters) one();
  };
  const change = (id: string, patch: Partial<ApprovalView>): ApprovalView => {
    const found = all.get(id);
    if (found === undefined) throw new Error(`no approval ${id}`);
    const next = { ...found, ...patch };
    all.set(id, next);
    wake();
    return next;
  };
  const none = { kind: 'refused', code: 'not_found', message: 'no such approval' } as const;
  const changed = async (signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        waiters.delete(done);
        resolve();
      };
      waiters.add(done);
      signal?.addEventListener('abort', done);
    });
  const approvals: MemoryApprovals = {
    all,
    asked: [],
    unreachable: false,
    consuming: undefined,
    secret: randomBytes(32),
    key: () => approvals.secret,
    async request(request) {
      approvals.asked.push('request');
      if (approvals.unreachable) return { kind: 'unreachable' };
      const live = [...all.values()].find(
        (one) => isLive(one) && one.digest === request.digest && one.bundle === request.bundle,
      );
      if (live !== undefined) return { kind: 'approval', approval: live };
      const approval = toView(request);
      all.set(approval.id, approval);
      wake();
      return { kind: 'approval', approval };
    },
    async wait(id, signal): Promise<ApprovalAnswer> {
      approvals.asked.push('wait');
      while (!signal.aborted) {
        const found = all.get(id);
        if (found === undefined) return none;
        const isAsked = found.reveals?.some(({ sealedAt }) => sealedAt === undefined) === true;
        if (found.state !== 'pending' || isAsked) return { kind: 'approval', approval: found };
        await changed(signal);
      }
      return { kind: 'unreachable' };
    },
    async consume(id, { digest, bundle }) {
      approvals.asked.push('consume');
      await approvals.consuming;
      if (approvals.unreachable) return { kind: 'unreachable' };
      const found = all.get(id);
      if (found === undefined) return none;
      const isGood = found.state === 'approved' && found.digest === digest && found.bundle === bundle;
      if (!isGood) return { kind: 'refused', code: 'approval_ended', message: `the approval is ${found.state}` };
      return { kind: 'approval', approval: change(id, { state: 'consumed' }) };
    },
    sealed: [],
    revealAnswers: [],
    async reveal(id, reveal, sealed) {
      approvals.asked.push('reveal');
      const answer = approvals.revealAnswers.shift() ?? 'done';
      if (answer !== 'done') return answer;
      approvals.sealed.push({ ...sealed, reveal });
      const sealedAt = new Date(0).toISOString();
      const reveals = (all.get(id)?.reveals ?? []).map((one) => (one.id === reveal ? { ...one, sealedAt } : one));
      change(id, { reveals });
      return answer;
    },
    askReveal(reveal) {
      const { id, reveals = [] } = approvals.last();
      change(id, { reveals: [...reveals, reveal] });
    },
    async cancel(id) {
      approvals.asked.push('cancel');
      const found = all.get(id);
      if (found !== undefined && isLive(found)) change(id, { state: 'cancelled' });
    },
    decide(verdict, by, id = approvals.last().id) {
      const { caller, decisions, count } = all.get(id) ?? approvals.last();
      if (caller.sub === by || caller.names?.includes(by) === true) throw new Error('own call');
      const at = new Date(0).toISOString();
      const next = [...decisions, { iss: 'people', subject: by, verdict, reason: `${by} says ${verdict}`, at }];
      const approved = next.length >= count ? 'approved' : 'pending';
      return change(id, { decisions: next, state: verdict === 'deny' ? 'denied' : approved });
    },
    expire: (id = approvals.last().id) => void change(id, { state: 'expired' }),
    last() {
      const last = [...all.values()].at(-1);
      if (last === undefined) throw new Error('nothing is held');
      return last;
    },
    async held(count = 1) {
      while (all.size < count) await changed();
      return approvals.last();
    },
  };
  return approvals;
}

function isLive({ state }: { readonly state: ApprovalState }): boolean {
  return state === 'pending' || state === 'approved';
}

function toView(request: ApprovalRequest): ApprovalView {
  const id = randomUUIDv7();
  return {
    ...request,
    id,
    state: 'pending',
    url: `https://tachograph.example/approvals/${id}`,
    workload: 'tachograph://local/default/local',
    namespace: 'default',
    createdAt: new Date(0).toISOString(),
    decisions: [],
  };
}
