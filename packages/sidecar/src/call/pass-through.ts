/** Listed exchanges that are no MCP: identified, recorded, masked as text where they are text (`contracts.md`, What counts as MCP). */
import type { IncomingMessage } from 'node:http';
import { decodeUtf8 } from '@tachograph/protocol';
import { describeError } from '@tachograph/service';
import type { MaskRefusal } from '../masking/mask-outcome.ts';
import { decodeAnswer } from './answer-body.ts';
import { sendHead } from './answer-head.ts';
import { sendRefusal } from './answer.ts';
import { baseDraft, elapsedMs } from './drafts.ts';
import type { Draft, Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { maskPlain } from './mask.ts';
import { isOAuthAnswer, withoutOAuthSecrets } from './own-oauth.ts';
import type { CallContext, PolicyInForce } from './ports.ts';
import { durable, exchangeDraft, recordOutcome, refuse } from './record.ts';
import { refusalOf } from './refusals.ts';

/** Text up to this many bytes is masked in one piece; more of it, and anything else, passes uninspected and is marked. */
export const inspectedBytes = 1024 * 1024;

/** What was read of the request's body: all of it, or its beginning. */
export interface PassedBody {
  readonly body?: Buffer;
  readonly head?: Buffer;
}

export async function passThrough(
  context: CallContext,
  exchange: Exchange,
  policy: PolicyInForce,
  { body, head }: PassedBody,
): Promise<void> {
  const draft = exchangeDraft(context, exchange, policy);
  if (head !== undefined) draft.mask = notInspected(policy);
  const refusal = body === undefined ? undefined : await addBody(context, exchange, { draft, policy, body });
  if (refusal !== undefined) return refuse(context, exchange, refusalOf(refusal), refusal);
  if (!(await durable(context, [draft]))) return sendRefusal(exchange.res, 'recorder');
  if (exchange.res.destroyed) return recordOutcome(context, exchange, 'disconnected');
  return forward(context, exchange, {
    ...(body === undefined ? {} : { body }),
    ...(head === undefined ? {} : { streamed: { head } }),
    onAnswer: (answer) => new PassedAnswer(context, exchange, { answer, policy }).start(),
  });
}

function notInspected({ masker }: PolicyInForce): NonNullable<Draft['mask']> {
  return { rules: masker.rulesHash, hits: 0, inspected: false };
}

/** Why the masker refused it, where it did. */
async function addBody(
  context: CallContext,
  exchange: Exchange,
  { draft, policy, body }: { readonly draft: Draft; readonly policy: PolicyInForce; readonly body: Buffer },
): Promise<MaskRefusal | undefined> {
  draft.raw_hmac = context.recorder.digest(body);
  draft.http = { ...draft.http, request_bytes: body.length };
  const text = decodeUtf8(body);
  const copy = text === undefined ? undefined : await maskPlain(policy.masker, text);
  if (copy?.kind === 'refused') return copy.reason;
  draft.mask = copy === undefined ? notInspected(policy) : copy.mask;
  if (copy !== undefined) draft.body = withoutOAuthSecrets(exchange, copy.body);
  return undefined;
}

/** What the client gets. Tokens for it are of no use to it once they are masked: the application's own OAuth passes. */
function clientBytes(exchange: Exchange, bytes: Buffer, masked: string | undefined): Buffer {
  return masked === undefined || isOAuthAnswer(exchange, bytes.toString()) ? bytes : Buffer.from(masked);
}

interface Passed {
  readonly answer: IncomingMessage;
  readonly policy: PolicyInForce;
}

/** One answer on its way through: held while it may be masked, piped once it cannot. */
class PassedAnswer {
  private readonly context: CallContext;
  private readonly exchange: Exchange;
  private readonly answer: IncomingMessage;
  private readonly policy: PolicyInForce;
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  private passedBytes = 0;

  constructor(context: CallContext, exchange: Exchange, { answer, policy }: Passed) {
    this.context = context;
    this.exchange = exchange;
    this.answer = answer;
    this.policy = policy;
  }

  start(): void {
    const { answer, exchange } = this;
    answer.once('error', () => undefined);
    answer.once('close', () => {
      if (!answer.complete) this.brokenOff();
    });
    exchange.res.once('close', () => this.clientLeft());
    if (this.isText()) this.collect();
    else this.guard(this.pipe());
  }

  private isText(): boolean {
    const type = this.answer.headers['content-type'] ?? '';
    const announced = Number(this.answer.headers['content-length'] ?? 0);
    return announced <= inspectedBytes && /^text\/(?!event-stream)|[/+](json|xml|javascript)\b|^$/.test(type);
  }

  private collect(): void {
    const { answer } = this;
    const take = (chunk: Buffer): void => {
      this.held.push(chunk);
      this.heldBytes += chunk.length;
      if (this.heldBytes <= inspectedBytes) return;
      answer.pause();
      answer.off('data', take);
      answer.off('end', end);
      this.guard(this.pipe());
    };
    const end = (): void => this.guard(this.whole());
    answer.on('data', take);
    answer.once('end', end);
  }

  private guard(step: Promise<void>): void {
    step.catch((error: unknown) => {
      this.context.log.error('passed answer lost', { err: describeError(error) });
      this.exchange.res.destroy();
    });
  }

  /** The whole text, masked for record and client. */
  private async whole(): Promise<void> {
    const { answer, exchange } = this;
    const raw = Buffer.concat(this.held, this.heldBytes);
    const bytes = decodeAnswer(answer, raw);
    const text = bytes === undefined ? undefined : decodeUtf8(bytes);
    const copy = text === undefined ? undefined : await maskPlain(this.policy.masker, text);
    if (bytes === undefined || copy === undefined) return this.pipe();
    if (copy.kind === 'refused') return this.withhold(copy.reason);
    const draft = this.outcome('answered', raw.length);
    draft.body = withoutOAuthSecrets(exchange, copy.body);
    draft.mask = copy.mask;
    if (!(await this.end(draft))) return sendRefusal(exchange.res, 'recorder');
    const out = clientBytes(exchange, bytes, copy.client);
    const bodyless = exchange.method === 'HEAD' || raw.length === 0;
    sendHead(exchange.res, answer, bodyless ? {} : { length: out.length, decoded: bytes !== raw });
    exchange.res.end(out);
    return undefined;
  }

  /** Text that the masker could not answer for does not pass. */
  private async withhold(reason: MaskRefusal): Promise<void> {
    const { exchange } = this;
    const draft = this.outcome('withheld', this.heldBytes);
    draft.detail = { reason };
    const recorded = await this.end(draft, 'withheld');
    return sendRefusal(exchange.res, recorded ? refusalOf(reason) : 'recorder', recorded ? reason : undefined);
  }

  /** Uninspected: recorded before the first byte passes, and again with the count. */
  private async pipe(): Promise<void> {
    const { answer, exchange, context } = this;
    const draft = baseDraft(exchange, 'http.exchange', 's2c');
    draft.http = { status: answer.statusCode ?? 0 };
    draft.mask = notInspected(this.policy);
    if (!(await durable(context, [draft]))) return this.fail();
    if (exchange.res.destroyed) return undefined;
    sendHead(exchange.res, answer);
    for (const chunk of this.held.splice(0)) this.forward(chunk);
    if (answer.readableEnded) return this.piped();
    answer.on('data', (chunk: Buffer) => {
      if (!this.forward(chunk)) answer.pause();
    });
    exchange.res.on('drain', () => answer.resume());
    answer.once('end', () => this.guard(this.piped()));
    answer.resume();
    return undefined;
  }

  private forward(chunk: Buffer): boolean {
    this.passedBytes += chunk.length;
    return this.exchange.res.write(chunk);
  }

  private async piped(): Promise<void> {
    if (await this.end(this.outcome('answered', this.passedBytes))) this.exchange.res.end();
    else this.fail();
  }

  private outcome(outcome: 'answered' | 'withheld', bytes: number): Draft {
    const draft = baseDraft(this.exchange, 'http.exchange', 's2c');
    draft.outcome = outcome;
    draft.http = {
      status: this.answer.statusCode ?? 0,
      response_bytes: bytes,
      duration_ms: elapsedMs(this.context, this.exchange.startedNs),
    };
    return draft;
  }

  private async end(draft: Draft, tally: 'answered' | 'withheld' = 'answered'): Promise<boolean> {
    this.exchange.ended = true;
    this.context.tally.add(tally);
    return durable(this.context, [draft]);
  }

  private fail(): void {
    this.answer.destroy();
    if (this.exchange.res.headersSent) this.exchange.res.destroy();
    else sendRefusal(this.exchange.res, 'recorder');
  }

  private brokenOff(): void {
    if (this.exchange.ended) return;
    this.context.tally.add('upstream_error');
    recordOutcome(this.context, this.exchange, 'upstream_error', { passed_bytes: this.passedBytes });
    if (this.exchange.res.headersSent) this.exchange.res.destroy();
    else sendRefusal(this.exchange.res, 'upstream', 'its answer broke off');
  }

  private clientLeft(): void {
    this.answer.destroy();
    recordOutcome(this.context, this.exchange, 'disconnected', { passed_bytes: this.passedBytes });
  }
}
