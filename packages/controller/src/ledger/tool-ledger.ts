/** The inventories of all workloads: what sidecars report and what people pin. */
import type {
  BundleLedger,
  Leaf,
  LedgerDrift,
  PinRequest,
  ServerInventory,
  ServerView,
  ToolsReport,
} from '@tachograph/protocol';
import type { Clock, Counter, Logger } from '@tachograph/service';
import type { Person } from '../approvals/person.ts';
import { createTurns } from '../approvals/turns.ts';
import { ControllerError } from '../controller-error.ts';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { PodIdentity } from '../ports.ts';
import type { LogPort } from '../sequencer/log-port.ts';
import type { InventoryStore, PodEvents, ServerAccess } from './inventory-store.ts';
import { emptyInventory, observe } from './observe.ts';
import { pin, toBundleLedger } from './pin.ts';

export interface ToolLedgerOptions {
  readonly cluster: string;
  /** Takes a leaf for every pin. */
  readonly sequencer: Pick<LogPort, 'append'>;
  readonly store: InventoryStore;
  readonly access: ServerAccess;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly log: Logger;
  /** By section and change. */
  readonly drifts: Counter;
}

/** Whose list it was. */
export interface ReportingPod {
  readonly pod: PodIdentity;
  readonly workload: string;
}

const attempts = 8;

export class ToolLedger {
  readonly #options: ToolLedgerOptions;
  readonly #inTurn = createTurns();

  constructor(options: ToolLedgerOptions) {
    this.#options = options;
  }

  /** Takes a sidecar's report; the answer is what of it is not as pinned. */
  async report({ pod, workload }: ReportingPod, report: ToolsReport): Promise<readonly LedgerDrift[]> {
    const at = this.#now();
    let drift: readonly LedgerDrift[] = [];
    let fresh: readonly LedgerDrift[] = [];
    await this.#change(pod.namespace, workload, (inventory) => {
      const observed = observe(inventory, report, at);
      ({ drift, fresh } = observed);
      return observed.isChanged ? observed.inventory : undefined;
    });
    if (fresh.length > 0) await this.#announce(pod, workload, fresh);
    return drift;
  }

  /** Inventories that the person may see. */
  async list(person: Person, namespace?: string): Promise<readonly ServerView[]> {
    const found = await this.#options.store.list(namespace);
    const namespaces = [...new Set(found.map((one) => one.namespace))];
    const may = await Promise.all(namespaces.map(async (one) => this.#options.access.may(person, 'read', one)));
    const seen = new Set(namespaces.filter((_one, index) => may[index] === true));
    return found
      .filter((one) => seen.has(one.namespace))
      .map(({ inventory, namespace: of, workload }) => ({ ...inventory, namespace: of, workload }));
  }

  /** Rejects with `forbidden`, `not_found` or `object_conflict`; `unavailable`: pinned or not, pin again. */
  async pin(
    person: Person,
    at: { readonly namespace: string; readonly workload: string },
    request: PinRequest,
  ): Promise<ServerView> {
    const { access, log } = this.#options;
    const { namespace, workload } = at;
    if (!(await access.may(person, 'pin', namespace))) {
      throw new ControllerError('forbidden', 'you may not update mcpservers/pins in this namespace');
    }
    const by = { iss: person.iss, subject: person.sub, at: this.#now() };
    const inventory = await this.#change(namespace, workload, (before) => pin(before, request, by));
    log.info('definitions pinned', { namespace, workload, subject: person.sub, entries: request.entries.length });
    await this.#logPin({ person, namespace, workload, inventory });
    return { ...inventory, namespace, workload };
  }

  async #logPin(pinned: {
    readonly person: Person;
    readonly namespace: string;
    readonly workload: string;
    readonly inventory: ServerInventory;
  }): Promise<void> {
    const { cluster, sequencer } = this.#options;
    const { person, namespace, workload, inventory } = pinned;
    const ledger = sha256Hex(JSON.stringify(toBundleLedger(inventory)));
    const by = { iss: person.iss, sub: person.sub };
    const leaf = { v: 1, type: 'ledger.pin', cluster, namespace, workload, ledger, by, at: this.#now() } satisfies Leaf;
    await sequencer.append([JSON.stringify(leaf)]).catch((cause: unknown) => {
      throw new ControllerError('unavailable', 'pinned, but the log has not taken it: pin again', {
        cause,
        retryAfterMs: 1000,
      });
    });
  }

  /** What a bundle says of this workload's pins, and of which revision. */
  async forBundle(
    namespace: string,
    workload: string,
  ): Promise<{ readonly ledger: Omit<BundleLedger, 'onDrift'>; readonly revision: number } | undefined> {
    const stored = await this.#options.store.peek(namespace, workload);
    return stored && { ledger: toBundleLedger(stored.inventory), revision: stored.revision };
  }

  #now(): string {
    return new Date(this.#options.clock.nowMs()).toISOString();
  }

  /** Reads, changes and writes until no other replica was faster. `change` answers `undefined` where nothing is to be written. */
  async #change(
    namespace: string,
    workload: string,
    change: (inventory: ServerInventory) => ServerInventory | undefined,
  ): Promise<ServerInventory> {
    const { store } = this.#options;
    return this.#inTurn(`${namespace}/${workload}`, async () => {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const stored = await store.get(namespace, workload);
        const before = stored?.inventory ?? emptyInventory;
        const inventory = change(before);
        if (inventory === undefined) return before;
        const version = stored === undefined ? {} : { version: stored.version };
        if ((await store.put({ namespace, workload, inventory, ...version })) === 'written') return inventory;
      }
      throw new ControllerError('unavailable', 'the inventory is contended', { retryAfterMs: 1000 });
    });
  }

  async #announce(pod: PodIdentity, workload: string, fresh: readonly LedgerDrift[]): Promise<void> {
    const { events, log, drifts } = this.#options;
    for (const { section, change, name } of fresh) {
      drifts.labels(section, change).inc();
      log.warn('definition is not the pinned one', { namespace: pod.namespace, workload, section, change, name });
    }
    const shown = fresh.slice(0, 5).map(inWords);
    const more = fresh.length > shown.length ? [`and ${fresh.length - shown.length} more`] : [];
    const message = `${workload}: ${[...shown, ...more].join('; ')}. See "tacho tools diff".`;
    await events.warn(pod, 'ToolDrift', message);
  }
}

function inWords({ section, name, change, diff }: LedgerDrift): string {
  if (section === 'instructions') return 'the instructions of the server changed';
  const what = { tools: 'tool', prompts: 'prompt', templates: 'resource template' }[section];
  const fields = [...new Set(diff.map(({ path }) => path.split('/')[1] ?? ''))].filter((field) => field !== '');
  const where = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  return change === 'new' ? `${what} ${name} is new` : `${what} ${name} changed${where}`;
}
