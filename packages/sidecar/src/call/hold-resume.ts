/**
 * Clients of 2025-11-25 come back to a stream that broke, with the id of its last event. A held call's stream begins with
 * an event of ours, so that a client whose sidecar was killed meanwhile is told what to do, and does not wait in vain.
 */
import { isJsonObject, isJsonRpcId, type JsonRpcRequest } from '@tachograph/protocol';
import { toolError } from './deny.ts';
import type { Exchange } from './exchange.ts';
import { answerOurselves } from './own-answers.ts';
import { openEventStream } from './own-event-stream.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { exchangeDraft, refuse } from './record.ts';
import { answerCodes } from './refusals.ts';

const prefix = 'tachograph-hold.1.';
const firstVersion = '2025-11-25';
/** The sidecar needs as long to start again. */
const retryMs = 5_000;

const texts = {
  held: 'the connection broke while this call was held: call again with identical arguments',
  runs: 'the connection broke while this call ran: what became of it is unknown; calling again asks for a new approval',
} as const;

export type HoldPhase = keyof typeof texts;

/** The event, for clients that know what to do with it. Its id is no secret and proves nothing: only its holder reads the answer. */
export function resumeEvent(
  { req, modern }: Exchange,
  { id, method }: JsonRpcRequest,
  phase: HoldPhase,
): string | undefined {
  const version = req.headers['mcp-protocol-version'];
  if (modern || typeof version !== 'string' || version < firstVersion) return undefined;
  const text = Buffer.from(JSON.stringify({ id, method, phase })).toString('base64url');
  return `id: ${prefix}${text}\nretry: ${retryMs}\ndata: \n\n`;
}

/** Whether a client comes back to a stream of ours: the server knows no such event. */
export function isHoldResume({ req }: Exchange): boolean {
  return String(req.headers['last-event-id'] ?? '').startsWith(prefix);
}

export async function answerResume(context: CallContext, exchange: Exchange, policy: PolicyInForce): Promise<void> {
  const broken = toBroken(String(exchange.req.headers['last-event-id']).slice(prefix.length));
  if (broken === undefined) return refuse(context, exchange, 'header_mismatch', 'Last-Event-ID');
  const { request, phase } = broken;
  openEventStream(exchange.res);
  return answerOurselves(context, exchange, {
    policy,
    before: [exchangeDraft(context, exchange, policy)],
    answers: [{ request, text: toolError(request, answerCodes.held, texts[phase]) }],
    outcome: phase === 'held' ? 'refused' : 'unknown',
    detail: { resumed: phase },
    batch: false,
  });
}

function toBroken(text: string): { readonly request: JsonRpcRequest; readonly phase: HoldPhase } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { id, method, phase } = value;
  if (!isJsonRpcId(id) || typeof method !== 'string' || (phase !== 'held' && phase !== 'runs')) return undefined;
  return { request: { kind: 'request', id, method, params: {} }, phase };
}
