import type { HeadsRequest } from '@tachograph/protocol';
import type { ShippingPort } from './shipping-port.ts';

/** Tells the controller the newest head, every second while it moves, and hears whether the pod is being deleted. */
export class HeadsReporter {
  readonly #port: ShippingPort;
  readonly #head: () => HeadsRequest | undefined;
  readonly #onDeletion: () => void;
  #reportedSeq = -1;
  #isBusy = false;

  constructor(port: ShippingPort, head: () => HeadsRequest | undefined, onDeletion: () => void) {
    this.#port = port;
    this.#head = head;
    this.#onDeletion = onDeletion;
  }

  async tick(): Promise<void> {
    const head = this.#head();
    if (this.#isBusy || head === undefined || head.seq === this.#reportedSeq) return;
    this.#isBusy = true;
    const answer = await this.#port.reportHead(head);
    this.#isBusy = false;
    if (answer !== undefined) this.#reportedSeq = head.seq;
    if (answer?.deletionTimestamp !== undefined) this.#onDeletion();
  }
}
