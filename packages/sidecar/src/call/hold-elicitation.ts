/** Clients of the stateless era that open pages for their user: the call is answered at once, and they come back (`mcp.md` §4). */
import { isJsonObject, jsonRpcError, type ApprovalView, type JsonRpcRequest } from '@tachograph/protocol';
import { openState, sealState, type RequestState, type StateBinding } from '../approvals/request-state.ts';
import type { Exchange } from './exchange.ts';
import type { AskedCall } from './hold.ts';
import { pendingText, waitingText } from './hold-texts.ts';
import type { CallContext } from './ports.ts';

const methods: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);
const inputKey = 'tachograph_approval';

interface Round {
  readonly approval: ApprovalView;
  readonly round: number;
}

/**
 * `input_required`: the first time with the approval's page, later with the state alone, so that nobody is asked twice.
 * `undefined` where the client did not declare on this request that it can do that.
 */
export function elicitationAnswer(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  { approval, round }: Round,
): string | undefined {
  const { request, decision } = call;
  const key = call.approvals.key();
  if (key === undefined || !canOpenPages(exchange, request) || !isPage(approval.url)) return undefined;
  const state = {
    approval: approval.id,
    digest: call.bound.digest,
    expiresMs: Date.parse(approval.expiresAt),
    round,
  };
  const params = { mode: 'url', message: waitingText(decision, approval), url: approval.url };
  const result = {
    resultType: 'input_required',
    ...(round === 0 ? { inputRequests: { [inputKey]: { method: 'elicitation/create', params } } } : {}),
    requestState: sealState(key, bindingOf(context, exchange, call), state),
  };
  return JSON.stringify({ jsonrpc: '2.0', id: request.id, result });
}

/** Of revision 2025-11-25. */
const urlElicitationRequired = -32042;

/**
 * The approval's page as an error, for clients of the sessions era that say that they open pages, and that settings name:
 * others let their model read it as a failure.
 */
export function pageError(
  { sessions, settings }: CallContext,
  exchange: Exchange,
  { request, decision }: AskedCall,
  approval: ApprovalView,
): string | undefined {
  const name = sessions.client(exchange, undefined)?.name ?? '';
  const isMeant = !exchange.modern && settings.hold.pageClients.has(name) && sessions.opensPages(exchange);
  if (!isMeant || !isPage(approval.url)) return undefined;
  const message = waitingText(decision, approval);
  const elicitations = [{ mode: 'url', elicitationId: approval.id, url: approval.url, message }];
  return jsonRpcError(request.id, urlElicitationRequired, pendingText(decision, approval), { elicitations });
}

/** The state of a client that comes back for this very approval; anything else counts as a first call. */
export function openedState(
  context: CallContext,
  exchange: Exchange,
  call: AskedCall,
  approval: ApprovalView,
): RequestState | undefined {
  const key = call.approvals.key();
  if (key === undefined || call.state === undefined) return undefined;
  const state = openState(key, bindingOf(context, exchange, call), call.state, context.clock.nowMs());
  return state?.approval === approval.id && state.digest === call.bound.digest ? state : undefined;
}

function bindingOf({ workload }: CallContext, { principal }: Exchange, { bound, policy }: AskedCall): StateBinding {
  const { iss, sub, client_id: clientId } = principal;
  return { workload, tool: bound.target, iss, sub, clientId, bundle: policy.content };
}

/** Never for a call that carries a server's own state: there is room for one only. */
function canOpenPages({ modern }: Exchange, { method, params }: JsonRpcRequest): boolean {
  if (!modern || !methods.has(method)) return false;
  if (params['requestState'] !== undefined || params['inputResponses'] !== undefined) return false;
  const meta = params['_meta'];
  const capabilities = isJsonObject(meta) ? meta['io.modelcontextprotocol/clientCapabilities'] : undefined;
  const elicitation = isJsonObject(capabilities) ? capabilities['elicitation'] : undefined;
  return isJsonObject(elicitation) && isJsonObject(elicitation['url']);
}

function isPage(url: string): boolean {
  return URL.canParse(url) && /^https?:\/\//.test(url);
}
