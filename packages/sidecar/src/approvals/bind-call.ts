/** What an approval binds: the exact call, and the masked form of it that people decide on. */
import { createHmac } from 'node:crypto';
import {
  approvalDigest,
  jsonMembers,
  jsonOfMembers,
  maxApprovalArguments,
  mcpTarget,
  type JsonMember,
  type JsonRpcRequest,
  type Principal,
  type RevealedCall,
  type RecordedMask,
} from '@tachograph/protocol';
import type { ArgumentNames } from './judged-arguments.ts';

export interface CallToBind {
  readonly request: JsonRpcRequest;
  /** The message's own text. */
  readonly text: string;
  /** The same, masked. */
  readonly maskedText: string;
  readonly mask: RecordedMask;
  readonly principal: Principal;
}

/** Under what the call is bound. */
export interface Binding {
  readonly workload: string;
  /** Hex SHA-256 of the bundle's content. */
  readonly bundle: string;
  readonly key: Uint8Array;
  /** Which arguments conditions and guards have read. */
  readonly judged: ArgumentNames;
}

/** A call as it is asked about; everything but `target` may be shown. */
export interface BoundCall {
  readonly kind: 'bound';
  /** Unmasked. */
  readonly target: string;
  readonly digest: string;
  /** Masked. */
  readonly shown: string;
  readonly maskedValues: number;
  readonly judgedMasked: boolean;
}

/** `reason`: why nobody can approve this call. */
export type Bound = BoundCall | { readonly kind: 'unbound'; readonly reason: string };

/**
 * Binds everything that the server gets as parameters but `_meta`, which changes from one call to the next (progress
 * tokens, trace ids) and which approvers do not see.
 */
export function bindCall(call: CallToBind, { workload, bundle, key, judged }: Binding): Bound {
  const { request, principal, mask } = call;
  const target = targetOf(request);
  const params = boundMembers(call.text, target);
  const masked = boundMembers(call.maskedText, undefined);
  if (params === undefined || masked === undefined) return unbound('its parameters cannot be read as one object');
  const digest = approvalDigest(
    {
      workload,
      caller: { iss: principal.iss, sub: principal.sub, clientId: principal.client_id },
      method: request.method,
      tool: target.text,
      argumentsText: jsonOfMembers(params),
      bundle,
    },
    (text) => createHmac('sha256', key).update(text).digest('hex'),
  );
  if (digest === undefined) return unbound('its parameters cannot be read as strict JSON');
  const shown = shownText(masked, target);
  if (shown.length > maxApprovalArguments) return unbound('its arguments are too long to be shown to anybody');
  return {
    kind: 'bound',
    target: target.text,
    digest,
    shown,
    maskedValues: maskedValues(mask, target),
    judgedMasked: isJudgedMasked(mask, judged),
  };
}

/** What runs, as approvers are shown it but with nothing hidden: for one who has asked on record. */
export function unmaskedCall(request: JsonRpcRequest, text: string): RevealedCall | undefined {
  const target = targetOf(request);
  const params = boundMembers(text, undefined);
  return params === undefined ? undefined : { tool: target.text, arguments: shownText(params, target) };
}

function unbound(reason: string): Bound {
  return { kind: 'unbound', reason };
}

/** `member`: the parameter that names the target. */
interface Target {
  readonly text: string;
  readonly member: string | undefined;
}

function targetOf({ method, params }: JsonRpcRequest): Target {
  const { tool, prompt, resource } = mcpTarget(method, params);
  if (method === 'completion/complete') return { text: method, member: undefined };
  if (resource !== undefined) return { text: resource, member: 'uri' };
  const text = tool ?? prompt;
  return text === undefined ? { text: method, member: undefined } : { text, member: 'name' };
}

/** Members of `params` but `_meta` and the target's; `undefined` where `params` is no object. */
function boundMembers(text: string, target: Target | undefined): readonly JsonMember[] | undefined {
  const params = jsonMembers(text)?.find(({ name }) => name === 'params');
  const members = params === undefined ? [] : jsonMembers(params.text);
  return members?.filter(({ name }) => name !== '_meta' && name !== target?.member);
}

/** The arguments alone, unless the server gets something beside them. */
function shownText(masked: readonly JsonMember[], { member }: Target): string {
  const rest = masked.filter(({ name }) => name !== member);
  const [only] = rest;
  if (only === undefined) return '{}';
  return rest.length === 1 && only.name === 'arguments' ? only.text : jsonOfMembers(rest);
}

function maskedValues({ hits, spans = [] }: RecordedMask, { member }: Target): number {
  const unseen = ['_meta', ...(member === undefined ? [] : [member])];
  const elsewhere = spans.filter(
    ({ path }) => !isIn(path, '/params') || unseen.some((one) => isIn(path, `/params/${one}`)),
  );
  return hits - elsewhere.reduce((sum, { count }) => sum + count, 0);
}

function isJudgedMasked({ hits, spans = [] }: RecordedMask, judged: ArgumentNames): boolean {
  if (hits === 0 || (judged !== 'all' && judged.size === 0)) return false;
  const listed = spans.reduce((sum, { count }) => sum + count, 0);
  // Evidence is listed up to a limit: what is beyond may be anywhere.
  if (listed < hits) return true;
  return spans.some(({ path }) => {
    const [, params, root, name] = path.split('/');
    if (params !== 'params' || root !== 'arguments') return false;
    return judged === 'all' || name === undefined || judged.has(unescaped(name));
  });
}

function isIn(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** One token of a JSON Pointer (RFC 6901). */
function unescaped(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
