/** Erasure under a retention lock: two custodians end the key of a session, and the log says so before it is gone. */
import { randomUUIDv7 } from 'node:crypto';
import { erasureView, type ErasureRequest, type ErasureView, type Leaf } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import type { ObjectStore } from '@tachograph/store';
import type { Person } from '../approvals/person.ts';
import { maybeSamePerson } from '../approvals/same-person.ts';
import { ControllerError } from '../controller-error.ts';
import { appendLeaves, asUnavailable, type CustodyContext } from '../custody/custody-context.ts';
import { keptByHolds, refKey } from '../custody/custody-log.ts';
import { selectObjects } from '../custody/select-objects.ts';
import { parseObject } from '../state/state-json.ts';
import type { KeyVault } from './key-vault.ts';

export interface ErasuresOptions {
  readonly custody: CustodyContext;
  readonly vault: KeyVault;
  /** Beside the keys. */
  readonly store: ObjectStore;
}

/** Methods reject with a `ControllerError`. */
export interface Erasures {
  request(by: Person, request: ErasureRequest): Promise<ErasureView>;
  /** By somebody else. Again after an interruption: finishes it, without another leaf. */
  confirm(by: Person, id: string, reason: string): Promise<ErasureView>;
  /** Newest first. */
  list(): Promise<readonly ErasureView[]>;
  /** Finishes what an earlier process had confirmed; logs what could not be. Rejects only where nothing can be listed. */
  finish(): Promise<void>;
}

const pendingMs = 86_400_000;
const prefix = 'v1/erasures/';
const askedName = (id: string): string => `${prefix}${id}/asked.json`;
const confirmedName = (id: string): string => `${prefix}${id}/confirmed.json`;

/** `names`: what tokens say beside the subject, so that one person with two tokens is one person. */
interface Asked extends ErasureView {
  readonly names: readonly string[];
}
type Confirmed = NonNullable<ErasureView['confirmed']>;

export function createErasures(options: ErasuresOptions): Erasures {
  return {
    request: async (by, request) => ask(options, by, request),
    confirm: async (by, id, reason) => confirm(options, by, { id, reason }),
    list: async () => list(options),
    finish: async () => finish(options),
  };
}

async function ask(options: ErasuresOptions, by: Person, { session, reason }: ErasureRequest): Promise<ErasureView> {
  const { vault, custody, store } = options;
  await vault.requireForgetting();
  await requireKey(vault, session);
  await requireUnheld(custody, session);
  const id = randomUUIDv7();
  const view: ErasureView = { erasure: id, session, state: 'pending', by: nameOf(by), reason, at: custody.now() };
  await writeOnce(store, askedName(id), { ...view, names: by.names } satisfies Asked);
  custody.log.info('erasure asked for', { erasure: id, by: by.sub });
  return view;
}

async function confirm(
  options: ErasuresOptions,
  by: Person,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<ErasureView> {
  const { vault, custody, store } = options;
  const request = await readAsked(store, id);
  if (request === undefined) throw new ControllerError('not_found', 'no such erasure');
  if (maybeSamePerson({ ...request.by, names: request.names }, by))
    throw new ControllerError('own_call', 'another custodian than the one who asked must confirm');
  const before = await readConfirmed(store, id);
  if (before === undefined && isOver(custody, request))
    throw new ControllerError('approval_ended', 'nobody confirmed it within a day: ask again');
  await vault.requireForgetting();
  await requireUnheld(custody, request.session);
  if (before === undefined) {
    const confirmed = { by: nameOf(by), reason, at: custody.now() };
    await writeOnce(store, confirmedName(id), { ...request, state: 'confirmed', confirmed } satisfies ErasureView);
  }
  const confirmed = await readConfirmed(store, id);
  if (confirmed === undefined) throw new ControllerError('unavailable', 'the confirmation is not readable yet');
  await carryOut(options, request, confirmed);
  custody.log.info('key of a session destroyed', { erasure: id, session: request.session, by: by.sub });
  return toView(custody, request, confirmed);
}

/** The same leaf however often: the log knows it by its bytes. */
async function carryOut({ custody, vault }: ErasuresOptions, request: Asked, confirmed: Confirmed): Promise<void> {
  const leaf: Leaf = {
    v: 1,
    type: 'key.destroyed',
    session: request.session,
    by: [request.by, confirmed.by],
    reason: `${request.reason}; confirmed: ${confirmed.reason}`,
    at: confirmed.at,
  };
  await appendLeaves(custody, [leaf]);
  await vault.destroy(request.session);
}

async function finish(options: ErasuresOptions): Promise<void> {
  for (const id of await idsOf(options.store)) {
    // One that a hold stops, or that is damaged, does not stop the others.
    await finishOne(options, id).catch((error: unknown) => {
      options.custody.log.warn('confirmed erasure not finished', { erasure: id, err: describeError(error) });
    });
  }
}

async function finishOne(options: ErasuresOptions, id: string): Promise<void> {
  const { store, vault, custody } = options;
  const request = await readAsked(store, id);
  const confirmed = await readConfirmed(store, id);
  if (request === undefined || confirmed === undefined) return;
  // Marked after its leaf and before the key is deleted: only the deletion can be missing.
  if ((await vault.get(request.session)) === 'destroyed') return vault.destroy(request.session);
  await requireUnheld(custody, request.session);
  await carryOut(options, request, confirmed);
}

async function list({ store, custody }: ErasuresOptions): Promise<readonly ErasureView[]> {
  const views: ErasureView[] = [];
  for (const id of await idsOf(store)) {
    const request = await readAsked(store, id);
    if (request === undefined) continue;
    views.push(toView(custody, request, await readConfirmed(store, id)));
  }
  return views.toReversed();
}

async function idsOf(store: ObjectStore): Promise<readonly string[]> {
  return asUnavailable(async () => {
    const ids = new Set<string>();
    for await (const { name } of store.list(prefix)) ids.add(name.slice(prefix.length).split('/')[0] ?? '');
    return [...ids];
  });
}

async function requireKey(vault: KeyVault, session: string): Promise<void> {
  const key = await vault.get(session);
  if (key === 'destroyed') throw new ControllerError('erasure_impossible', 'the key of this session is gone already');
  if (key === undefined)
    throw new ControllerError('erasure_impossible', 'no key of this session is kept: its bodies are not sealed');
}

/** What the session's manifest names; without one it has not ended, and a hold could not name it yet either. */
async function requireUnheld({ store, holdLog }: CustodyContext, session: string): Promise<void> {
  const objects = await asUnavailable(async () => selectObjects(store, { session }));
  if (objects.length === 0)
    throw new ControllerError('erasure_impossible', 'the archive has no manifest of this session: it may not be over');
  const kept = keptByHolds(await asUnavailable(async () => holdLog.read()));
  if (objects.some((one) => kept.has(refKey(one))))
    throw new ControllerError('on_hold', 'a legal hold keeps this session: release it first');
}

function isOver({ nowMs }: CustodyContext, { at }: ErasureView): boolean {
  return nowMs() - Date.parse(at) > pendingMs;
}

function nameOf({ iss, sub }: Person): Asked['by'] {
  return { iss, sub };
}

function toView(custody: CustodyContext, { names: _names, ...asked }: Asked, confirmed?: Confirmed): ErasureView {
  if (confirmed !== undefined) return { ...asked, state: 'confirmed', confirmed };
  return { ...asked, state: isOver(custody, asked) ? 'expired' : 'pending' };
}

async function writeOnce(store: ObjectStore, name: string, value: object): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(value));
  await asUnavailable(async () => store.create(name, bytes, { contentType: 'application/json' }));
}

async function readAsked(store: ObjectStore, id: string): Promise<Asked | undefined> {
  const found = await read(store, askedName(id));
  const names = found?.fields['names'];
  return found && { ...found.view, names: Array.isArray(names) ? names.map(String) : [] };
}

async function readConfirmed(store: ObjectStore, id: string): Promise<Confirmed | undefined> {
  return (await read(store, confirmedName(id)))?.view.confirmed;
}

async function read(store: ObjectStore, name: string) {
  const bytes = await asUnavailable(async () => store.get(name));
  if (bytes === undefined) return undefined;
  const fields = parseObject(Buffer.from(bytes).toString('utf8')) ?? {};
  const parsed = erasureView.safeParse(fields);
  if (!parsed.success) throw new ControllerError('internal', `${name} is not what was written there`);
  return { view: parsed.data, fields };
}
