import { EmulatorError } from './emulator-error.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** What `PUT /emulator/clock` accepts: an absolute time, or a step; `frozen` stops the clock there. */
export interface ClockSetting {
  readonly now?: string;
  readonly advanceMs?: number;
  readonly frozen?: boolean;
}

/** The emulator's own time: the injected clock, shifted or stopped by the tester. Not kept over a restart. */
export class EmulatorClock {
  readonly #base: Clock;
  #offsetMs = 0;
  #frozenAtMs: number | undefined;

  constructor(base: Clock) {
    this.#base = base;
  }

  nowMs(): number {
    return this.#frozenAtMs ?? this.#base() + this.#offsetMs;
  }

  nowIso(): string {
    return new Date(this.nowMs()).toISOString();
  }

  set(setting: ClockSetting): void {
    const targetMs = setting.now === undefined ? this.nowMs() + (setting.advanceMs ?? 0) : Date.parse(setting.now);
    if (!Number.isFinite(targetMs)) throw new EmulatorError('invalid', 'Invalid value for: now is not a date-time.');
    this.#offsetMs = targetMs - this.#base();
    const frozen = setting.frozen ?? this.#frozenAtMs !== undefined;
    this.#frozenAtMs = frozen ? targetMs : undefined;
  }

  get frozen(): boolean {
    return this.#frozenAtMs !== undefined;
  }
}
