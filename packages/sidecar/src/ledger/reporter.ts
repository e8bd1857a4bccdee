/** Tells the controller what the server's lists said: each definition once, whole lists as such. */
import { LRUCache } from 'lru-cache';
import {
  maxDefinitionText,
  maxLedgerEntries,
  type LedgerDrift,
  type LedgerSection,
  type ObservedDefinition,
  type ToolsReport,
} from '@tachograph/protocol';
import type { Clock } from '@tachograph/service';
import type { Timers } from '../record/timers.ts';
import type { Definition } from './inventory.ts';

/** `undefined`: the report did not arrive, and is worth sending again. */
export type SendReport = (report: ToolsReport) => Promise<readonly LedgerDrift[] | undefined>;

export interface LedgerReporter {
  /** Returns at once. `complete`: all pages of the list. */
  seen(section: LedgerSection, definitions: readonly Definition[], complete: boolean): void;
}

export interface ReporterOptions {
  readonly send: SendReport;
  /** Hears what the controller says of differences that this process could not name. */
  readonly onDrift: (drift: LedgerDrift) => void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Nobody to tell: without a controller, or in a test. */
export const noReporter: LedgerReporter = { seen: () => undefined };

const rememberedDefinitions = 20_000;
/** A list that does not change is still reported this often: the inventory says when it was last seen. */
const againMs = 3_600_000;
const retryMs = 5_000;
/** Between reports: a server that changes all the time must not keep the controller busy. */
const pauseMs = 200;
const maxReportText = 1024 * 1024;
const maxWaiting = 32;

export function createReporter(options: ReporterOptions): LedgerReporter {
  return new Reporter(options);
}

class Reporter implements LedgerReporter {
  private readonly options: ReporterOptions;
  private readonly told = new LRUCache<string, true>({ max: rememberedDefinitions });
  private readonly wholeMs = new Map<string, number>();
  private readonly waiting: ToolsReport[] = [];
  private sending = false;
  private isResting = false;

  constructor(options: ReporterOptions) {
    this.options = options;
  }

  seen(section: LedgerSection, definitions: readonly Definition[], complete: boolean): void {
    const isNews = definitions.some(({ name, digest }) => !this.told.has(keyOf(section, name, digest)));
    const isDue = complete && this.options.clock.nowMs() - (this.wholeMs.get(section) ?? -againMs) >= againMs;
    if ((isNews || isDue) && this.waiting.length < maxWaiting) this.queue(section, definitions, complete);
    void this.flush();
  }

  private queue(section: LedgerSection, definitions: readonly Definition[], complete: boolean): void {
    for (const { name, digest } of definitions) this.told.set(keyOf(section, name, digest), true);
    if (complete) this.wholeMs.set(section, this.options.clock.nowMs());
    const items = toItems(definitions);
    this.waiting.push({ section, complete: complete && items.length === definitions.length, items });
  }

  /** One after another, with a pause; what does not arrive is sent again. Never rejects. */
  private async flush(): Promise<void> {
    const { send, onDrift } = this.options;
    if (this.sending || this.isResting) return;
    this.sending = true;
    const [next] = this.waiting;
    let drift: readonly LedgerDrift[] | undefined;
    try {
      drift = next === undefined ? [] : await send(next);
    } catch {
      // As if it had not arrived.
    }
    if (drift !== undefined) this.waiting.shift();
    for (const one of drift ?? []) onDrift(one);
    this.sending = false;
    if (this.waiting.length > 0) this.rest(drift === undefined ? retryMs : pauseMs);
  }

  private rest(delayMs: number): void {
    this.isResting = true;
    this.options.timers.after(delayMs, () => {
      this.isResting = false;
      void this.flush();
    });
  }
}

function keyOf(section: LedgerSection, name: string, digest: string): string {
  return `${section}\n${name}\n${digest}`;
}

function toItems(definitions: readonly Definition[]): ObservedDefinition[] {
  let length = 0;
  return definitions.slice(0, maxLedgerEntries).map(({ name, digest, text }) => {
    const fits = text.length <= maxDefinitionText && length + text.length <= maxReportText;
    if (!fits) return { name, digest };
    length += text.length;
    return { name, digest, text };
  });
}
