import { randomUUID } from 'node:crypto';
import type { LeaseElector, LeaseElectorOptions } from '@tachograph/kube';
import type { Lease } from '../ports.ts';

type Candidate = Pick<LeaseElectorOptions, 'name' | 'identity' | 'onStarted' | 'onStopped'>;

export const leaseName = 'tachograph-sequencer';

/** The holder's identity is its address and a random part, so that a restarted process is another candidate. */
export function createKubeLease(elect: (candidate: Candidate) => LeaseElector, address: () => string): Lease {
  let elector: LeaseElector | undefined;
  return {
    holder() {
      const [at] = (elector?.holder() ?? '').split('#');
      return at === undefined || at === '' ? undefined : at;
    },
    start(on) {
      elector = elect({
        name: leaseName,
        identity: `${address()}#${randomUUID()}`,
        onStarted: () => on.elected(),
        onStopped: () => on.lost(),
      });
      elector.start();
    },
    async stop() {
      await elector?.stop();
    },
  };
}
