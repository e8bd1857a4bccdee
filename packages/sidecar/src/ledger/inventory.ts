/** What this process has seen of the server's definitions, and how that differs from what is pinned (`mcp.md` §5). */
import { LRUCache } from 'lru-cache';
import {
  diffDefinitions,
  maxDefinitionText,
  type DefinitionDifference,
  type LedgerSection,
} from '@tachograph/protocol';
import type { LedgerPins } from './pins.ts';

/** One definition of an answer. `text`: masked. */
export interface Definition {
  readonly name: string;
  readonly digest: string;
  readonly text: string;
}

/** One definition that is not the pinned one, found for the first time. */
export interface DriftFound {
  readonly section: LedgerSection;
  readonly name: string;
  readonly change: 'new' | 'changed';
  readonly digest: string;
  readonly pinned?: string;
  /** Absent where the pinned definition has not been seen by this process. */
  readonly diff?: readonly DefinitionDifference[];
}

export interface Inventory {
  /** Rises whenever the answer of `drift` may have changed, for pins that stay. */
  revision(): number;
  /** Notes definitions; the answer is the drift that is new to this process. */
  observe(pins: LedgerPins, section: LedgerSection, seen: readonly Definition[]): readonly DriftFound[];
  /** How a definition differs from its pin; `undefined`: it does not, or nothing is pinned. */
  drift(pins: LedgerPins, section: LedgerSection, name: string): DriftFound['change'] | undefined;
}

/** More names than this are not remembered: a server that lists them is not kept track of by name. */
const maxNames = 5000;
const maxTextLength = 2 * 1024 * 1024;
/** A server that never says the same twice would otherwise write more into records than it answers. */
const maxDiffs = 1000;

/**
 * Without pins the first definition of this process stands for one. A definition that once differed stays drifted until
 * it is pinned or the process ends: a server that shows the old definition to whoever looks is not believed.
 */
export function createInventory(): Inventory {
  return new SeenDefinitions();
}

/** What definitions were held against. */
interface Settled {
  readonly pins: LedgerPins;
  readonly changes: number;
  /** Texts are wanted for diffs: once one was forgotten, those in use are noted anew. */
  readonly forgottenTexts: number;
}

class SeenDefinitions implements Inventory {
  /** First digest of each name. */
  private readonly first = new Map<string, string>();
  /** The digest that was not the pinned one. */
  private readonly deviant = new Map<string, string>();
  private readonly texts = new LRUCache<string, string>({
    maxSize: maxTextLength,
    sizeCalculation: (text) => text.length + 1,
    dispose: (_text, _digest, why) => {
      if (why === 'evict') this.forgottenTexts += 1;
    },
  });
  private readonly told = new LRUCache<string, true>({ max: maxNames });
  private changes = 0;
  private diffs = 0;
  private forgottenTexts = 0;
  /** Definitions that said nothing new: they would say nothing new again while the rest stays as it was. */
  private readonly settled = new WeakMap<readonly Definition[], Settled>();

  revision(): number {
    return this.changes;
  }

  observe(pins: LedgerPins, section: LedgerSection, seen: readonly Definition[]): readonly DriftFound[] {
    if (this.isSettled(pins, seen)) return [];
    const pinned = pins.of(section);
    const found = seen.flatMap((one) => this.observeOne(pinned, section, one) ?? []);
    const { changes, forgottenTexts } = this;
    if (found.length === 0) this.settled.set(seen, { pins, changes, forgottenTexts });
    return found;
  }

  private isSettled(pins: LedgerPins, seen: readonly Definition[]): boolean {
    const { pins: before, changes, forgottenTexts } = this.settled.get(seen) ?? {};
    return before === pins && changes === this.changes && forgottenTexts === this.forgottenTexts;
  }

  drift(pins: LedgerPins, section: LedgerSection, name: string): DriftFound['change'] | undefined {
    const key = keyOf(section, name);
    const pinned = pins.of(section);
    const deviant = this.deviant.get(key);
    if (pinned === undefined) return deviant === undefined ? undefined : 'changed';
    const pin = pinned.get(name);
    if (pin === undefined) return 'new';
    const isElsewhere = section === 'tools' && pins.drifted.has(name) && this.first.get(key) !== pin;
    return (deviant !== undefined && deviant !== pin) || isElsewhere ? 'changed' : undefined;
  }

  private observeOne(
    pinned: ReadonlyMap<string, string> | undefined,
    section: LedgerSection,
    { name, digest, text }: Definition,
  ): DriftFound | undefined {
    const key = keyOf(section, name);
    if (text.length <= maxDefinitionText) this.texts.set(digest, text);
    const first = this.first.get(key);
    if (first === undefined) this.note(this.first, key, digest);
    const pin = pinned === undefined ? (first ?? digest) : pinned.get(name);
    if (digest === pin) return undefined;
    this.note(this.deviant, key, digest);
    return this.found({ section, name, digest, ...(pin === undefined ? {} : { pinned: pin }) });
  }

  private note(digests: Map<string, string>, key: string, digest: string): void {
    const before = digests.get(key);
    if (before === digest || (before === undefined && digests.size >= maxNames)) return;
    digests.set(key, digest);
    this.changes += 1;
  }

  /** Each deviation is told once. */
  private found(one: Omit<DriftFound, 'change' | 'diff'>): DriftFound | undefined {
    const { section, name, digest, pinned } = one;
    const key = `${keyOf(section, name)}\n${digest}\n${pinned ?? ''}`;
    if (this.told.has(key)) return undefined;
    this.told.set(key, true);
    const [before, after] = [pinned === undefined ? undefined : this.texts.get(pinned), this.texts.get(digest)];
    const change = pinned === undefined ? 'new' : 'changed';
    if (before === undefined || after === undefined || this.diffs >= maxDiffs) return { ...one, change };
    this.diffs += 1;
    return { ...one, change, diff: diffDefinitions(before, after) };
  }
}

function keyOf(section: LedgerSection, name: string): string {
  return `${section}\n${name}`;
}
