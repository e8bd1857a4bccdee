/** Answers to a body that the sidecar gives itself: recorded with the request or after it, and only then sent. */
import { jsonRpcIdText, type JsonRpcRequest, type Outcome } from '@tachograph/protocol';
import { sendJson, sendRefusal } from './answer.ts';
import { baseDraft, elapsedMs } from './drafts.ts';
import { onlyId, type Draft, type Exchange } from './exchange.ts';
import { maskMessage } from './mask.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { durable } from './record.ts';
import { forgetElsewhere } from './respond-whole.ts';

export interface OwnAnswer {
  readonly request: JsonRpcRequest;
  /** The whole JSON-RPC answer. */
  readonly text: string;
}

export interface OwnAnswers {
  readonly policy: PolicyInForce;
  /** Records that come before the answers'. */
  readonly before: readonly Draft[];
  readonly answers: readonly OwnAnswer[];
  readonly outcome: Outcome;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly batch: boolean;
  /** Default: 200. */
  readonly status?: number;
}

/** Ends the exchange. Without any answer, which only notifications do not need, it is a 202. */
export async function answerOurselves(context: CallContext, exchange: Exchange, own: OwnAnswers): Promise<void> {
  const { policy, before, answers } = own;
  const copies = await Promise.all(answers.map(async ({ text }) => maskMessage(policy.masker, text)));
  const records = answers.map(({ request }, index) => {
    const draft = endDraft(context, exchange, own);
    const copy = copies[index];
    draft.jsonrpc_request_id = context.masks.id(policy.masker, jsonRpcIdText(request.id));
    draft.mcp_method_name = context.masks.short(policy.masker, request.method);
    if (copy?.kind === 'masked') draft.body = copy.body;
    return draft;
  });
  exchange.ended = true;
  forgetElsewhere(context, exchange);
  const ending = records.length === 0 ? [endDraft(context, exchange, own)] : records;
  if (!(await durable(context, [...before, ...ending])))
    return sendRefusal(exchange.res, 'recorder', undefined, onlyId(exchange));
  return send(context, exchange, own);
}

function endDraft(context: CallContext, exchange: Exchange, { answers, outcome, detail }: OwnAnswers): Draft {
  const draft = baseDraft(exchange, answers.length === 0 ? 'http.exchange' : 'mcp.response', 's2c');
  draft.outcome = outcome;
  draft.http = { duration_ms: elapsedMs(context, exchange.startedNs) };
  if (detail !== undefined) draft.detail = detail;
  return draft;
}

function send(context: CallContext, exchange: Exchange, { answers, batch, status = 200 }: OwnAnswers): void {
  const texts = answers.map(({ text }) => text);
  if (texts.length === 0 || sentElsewhere(context, exchange, texts)) return void exchange.res.writeHead(202).end();
  return sendJson(exchange.res, status, batch ? `[${texts.join(',')}]` : (texts[0] ?? ''));
}

/** HTTP+SSE clients read answers on their session's stream only. */
function sentElsewhere(context: CallContext, exchange: Exchange, texts: readonly string[]): boolean {
  const { answeredElsewhere, mcpSessionId } = exchange;
  if (!answeredElsewhere || mcpSessionId === undefined) return false;
  return texts.every((text) => context.streams.send(mcpSessionId, text));
}
