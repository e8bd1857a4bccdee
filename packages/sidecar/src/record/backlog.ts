/** A segment that the controller has not archived yet. */
interface Unarchived {
  readonly stream: string;
  readonly last: number;
  readonly oldestMs: number | undefined;
}

/** What is sealed or being sealed and not archived yet, oldest first. */
export class Backlog {
  #entries: Unarchived[] = [];

  add(entry: Unarchived): void {
    this.#entries.push(entry);
  }

  archived(stream: string, last: number): void {
    const at = this.#entries.findIndex((one) => one.stream === stream && one.last === last);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  /** Stops waiting for a stream; `false`: nothing of it was waited for. */
  forget(stream: string): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((one) => one.stream !== stream);
    return this.#entries.length < before;
  }

  /** Wall-clock time of the oldest unarchived record that is no heartbeat. */
  get oldestMs(): number | undefined {
    return this.#entries.find((one) => one.oldestMs !== undefined)?.oldestMs;
  }

  get size(): number {
    return this.#entries.length;
  }
}
