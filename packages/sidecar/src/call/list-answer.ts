/** Step 8 for lists: the ledger takes note of them, and the client sees what it may call (`mcp.md` §5). */
import { elementSpans, jsonRpcIdText, type JsonRpcRequest, type JsonRpcResponse } from '@tachograph/protocol';
import { contentOf, summarised, type MessageContent } from '../masking/message-content.ts';
import type { DriftFound } from '../ledger/inventory.ts';
import { listKindByShape, listKindOf } from '../ledger/list-kinds.ts';
import type { LedgerReader, LedgerReading } from '../ledger/ledger.ts';
import { holdsValue } from '../upstream/hide-values.ts';
import { announcedTasks } from './announce-tasks.ts';
import { baseDraft, type AnyCopy, type Copy } from './drafts.ts';
import type { Draft, Exchange, Waiting } from './exchange.ts';
import type { CallContext, PolicyInForce } from './ports.ts';

/** A masked copy, filtered. */
export interface ListedCopy extends Copy {
  readonly list?: Pick<LedgerReading, 'hidden' | 'listed' | 'drift'>;
  /** The JSON string of `body` as UTF-8, in pieces, where it has been made before. */
  readonly bodyJson?: readonly Uint8Array[];
}

/** The same of any copy: what the ledger does not look at has no list. */
export type AnyListedCopy = AnyCopy & Pick<ListedCopy, 'list' | 'bodyJson'>;

/** A longer list is withheld: reading it would hold up other calls. */
const maxListLength = 4 * 1024 * 1024;

interface Answered {
  readonly message: JsonRpcResponse;
  readonly waiting: Waiting | undefined;
  /** As the server sent it. */
  readonly text: string;
}

/** The copy as the client may have it; a reason where the list cannot be read here. */
export function filterList(
  { ledger }: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { message, waiting, text, copy }: Answered & { readonly copy: Copy },
): ListedCopy | 'list_too_large' {
  const request = waiting?.request;
  if (request !== undefined && !isRead(request)) return copy;
  const mayBeList = request !== undefined || listKindByShape(message.result) !== undefined;
  if (text.length > maxListLength) return mayBeList ? 'list_too_large' : copy;
  const reading = ledger.read(policy, readerOf(exchange), {
    request,
    message,
    text,
    record: copy.body,
    client: copy.client,
  });
  if (reading === undefined) return copy;
  const { hidden, listed, drift, known } = reading;
  const { masker } = policy;
  const { body: record, client, mask, tail } = copy;
  if (request !== undefined && exchange.tail === undefined) {
    const { result } = summarised(message);
    const { session } = exchange;
    const idText = jsonRpcIdText(request.id);
    ledger.keep({ method: request.method, session, masker, idText, text, record, client, mask, tail, known, result });
  }
  return { ...copy, client: reading.client, list: { hidden, listed, drift } };
}

/** Whether an answer of this exchange may be one that the ledger looks at. */
export function asksForList({ waiting }: Exchange): boolean {
  return [...waiting.values()].some(({ request }) => isRead(request));
}

/** Whether the ledger has to look at an answer, whatever was asked for. */
export function mayHoldList({ batch, message }: MessageContent): boolean {
  return batch > 0 || (message?.kind === 'response' && listKindByShape(message.result) !== undefined);
}

/** Whether the ledger looks at the answers to a request. */
function isRead({ method }: JsonRpcRequest): boolean {
  return listKindOf(method) !== undefined || method === 'initialize' || method === 'server/discover';
}

function readerOf({ principal, session, modern }: Exchange): LedgerReader {
  return { principal, session, modern };
}

export interface Recalled {
  readonly message: JsonRpcResponse;
  readonly copy: AnyListedCopy;
}

/** What a list that was read before comes to for this caller; `undefined`: it has to be read. */
export function recallList(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  text: string,
): Recalled | undefined {
  const { ledger, credentials } = context;
  const [waiting] = exchange.waiting.values();
  if (waiting === undefined || exchange.waiting.size !== 1 || exchange.tail !== undefined) return undefined;
  const { request } = waiting;
  if (!isRead(request)) return undefined;
  // A credential may have been replaced since: what was masked then hides the old one.
  const values = credentials.values();
  if (values.length > 0 && holdsValue(text, values)) return undefined;
  const recalled = ledger.recall(policy, readerOf(exchange), { request, masker: policy.masker, text });
  if (recalled === undefined) return undefined;
  const { drift, hidden, listed, mask, record, recordJson, result, tail } = recalled;
  const list = { hidden, listed, drift };
  const message: JsonRpcResponse = { kind: 'response', id: request.id, result };
  const client = announcedTasks(context, exchange, { request, message, text }, recalled.client);
  const copy = { kind: 'masked', body: record, bodyJson: recordJson, client, mask, tail, list } as const;
  return { message, copy };
}

/** The answers of one batch, each filtered for itself. */
export function filterBatch(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { text, copy }: { readonly text: string; readonly copy: Copy },
): ListedCopy | 'list_too_large' {
  const requests = [...exchange.waiting.values()].map(({ request }) => request);
  if (requests.length > 0 && !requests.some(isRead)) return copy;
  if (text.length > maxListLength) return 'list_too_large';
  const [records, clients] = [elementTexts(copy.body), elementTexts(copy.client ?? text)];
  const together = new BatchLists();
  const parts = elementTexts(text).map((raw, index) => {
    const client = clients[index] ?? raw;
    const part = { ...copy, body: records[index] ?? raw, client };
    return together.take(client, filterElement(context, exchange, policy, { text: raw, copy: part }));
  });
  const { hidden, listed, drift } = together;
  const client = together.isChanged ? `[${parts.join(',')}]` : copy.client;
  return { ...copy, client, list: { hidden, listed, drift } };
}

function filterElement(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { text, copy }: { readonly text: string; readonly copy: Copy },
): ListedCopy {
  const { message } = contentOf(JSON.parse(text));
  if (message?.kind !== 'response') return copy;
  const waiting = message.id === null ? undefined : exchange.waiting.get(jsonRpcIdText(message.id));
  const filtered = filterList(context, exchange, policy, { message, waiting, text, copy });
  // No longer than the batch, which is not too long.
  return filtered === 'list_too_large' ? copy : filtered;
}

/** What the lists of one batch come to. */
class BatchLists {
  readonly drift: DriftFound[] = [];
  hidden = 0;
  listed = 0;
  isChanged = false;

  take(before: string, { client, list }: ListedCopy): string {
    this.hidden += list?.hidden ?? 0;
    this.listed += list?.listed ?? 0;
    this.drift.push(...(list?.drift ?? []));
    this.isChanged ||= client !== undefined && client !== before;
    return client ?? before;
  }
}

function elementTexts(text: string): readonly string[] {
  return (elementSpans(text) ?? []).map((span) => text.slice(...span));
}

/** Adds to the answer's record that the client saw less; what it saw is not recorded twice. */
export function addListFacts(draft: Draft, { list, body, bodyJson }: AnyListedCopy): void {
  if (bodyJson !== undefined && draft.body === body) draft.bodyJson = bodyJson;
  if (list === undefined || list.hidden === 0) return;
  draft.detail = { ...draft.detail, filtered: list.hidden, listed: list.listed };
}

const maxDrafts = 200;

/** One record for each definition that is not the pinned one, durable before the client gets the list. */
export function driftDrafts(
  { onDrift, policy }: CallContext,
  exchange: Exchange,
  { list }: AnyListedCopy,
): readonly Draft[] {
  const drift = list?.drift ?? [];
  const inForce = policy.current();
  if (drift.length === 0 || inForce === undefined) return [];
  for (const one of drift) onDrift(one);
  const drafts = drift.slice(0, maxDrafts).map((one): Draft => {
    const draft = baseDraft(exchange, 'ledger.drift', 's2c');
    draft.bundle = inForce.digest;
    draft.detail = { ...one, on_drift: inForce.ledger.onDrift };
    return draft;
  });
  const left = drift.length - drafts.length;
  if (left > 0) drafts.push({ ...baseDraft(exchange, 'ledger.drift', 's2c'), detail: { more: left } });
  return drafts;
}
