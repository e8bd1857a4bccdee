/** Approvals as the life of a call sees them: the controller keeps them, people decide there. */
import type { ApiErrorCode, ApprovalRequest, ApprovalView, ConsumeRequest, SealedReveal } from '@tachograph/protocol';

/** `unreachable`: no answer that can be read; whether the controller did it is unknown. */
export type ApprovalAnswer =
  | { readonly kind: 'approval'; readonly approval: ApprovalView }
  | { readonly kind: 'refused'; readonly code: ApiErrorCode; readonly message: string }
  | { readonly kind: 'unreachable' };

/** Methods never reject. */
export interface ApprovalPort {
  /** The workload's key for approval digests; `undefined` until the controller has given it to this process. */
  key(): Uint8Array | undefined;
  /** The live approval of exactly this call, or a new one. */
  request(request: ApprovalRequest): Promise<ApprovalAnswer>;
  /** One long poll: answers when it is pending no more, when somebody asks what masking hid, or after half a minute. */
  wait(id: string, signal: AbortSignal): Promise<ApprovalAnswer>;
  /** Uses the grant, once. Only an answer in the state `consumed` lets a call run. */
  consume(id: string, request: ConsumeRequest): Promise<ApprovalAnswer>;
  /** Hands hidden values over, sealed. `elsewhere`: the next try may reach the replica where the person waits. */
  reveal(id: string, reveal: string, sealed: SealedReveal): Promise<'done' | 'refused' | 'elsewhere'>;
  /** Nobody waits for it any more. What does not arrive expires by itself. */
  cancel(id: string): Promise<void>;
}
