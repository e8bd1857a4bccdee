/** A store of a process that is killed at one of its writes, before or after the write took place. */
import type { ObjectStore } from '@tachograph/store';

export interface Death {
  /** Which create, counted from 1. */
  readonly atWrite: number;
  readonly when: 'before' | 'after';
}

export class MortalStore implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #death: Death | undefined;
  #writes = 0;
  readonly #onDeath: () => void;
  #dead = false;

  constructor(store: ObjectStore, death: Death | undefined, onDeath: () => void) {
    this.#store = store;
    this.#death = death;
    this.#onDeath = onDeath;
  }

  get dead(): boolean {
    return this.#dead;
  }

  get writes(): number {
    return this.#writes;
  }

  async create(...args: Parameters<ObjectStore['create']>): ReturnType<ObjectStore['create']> {
    this.#live();
    this.#writes += 1;
    const dies = this.#writes === this.#death?.atWrite;
    if (dies && this.#death?.when === 'before') this.#die();
    const outcome = await this.#store.create(...args);
    if (dies) this.#die();
    this.#live();
    return outcome;
  }

  async get(...args: Parameters<ObjectStore['get']>): ReturnType<ObjectStore['get']> {
    this.#live();
    return this.#store.get(...args);
  }

  list(...args: Parameters<ObjectStore['list']>): ReturnType<ObjectStore['list']> {
    this.#live();
    return this.#store.list(...args);
  }

  async put(...args: Parameters<ObjectStore['put']>): ReturnType<ObjectStore['put']> {
    this.#live();
    return this.#store.put(...args);
  }

  #die(): never {
    this.#dead = true;
    this.#onDeath();
    throw new Error('killed');
  }

  #live(): void {
    if (this.#dead) throw new Error('killed');
  }
}
