import type { HeadsRequest, SegmentSignature, SessionKeyRequest, StreamRequest } from '@tachograph/protocol';
import type { BlobAnswer, RegisterAnswer, ShipAnswer } from '../controller-client/answers.ts';

/** A tree head of the log. */
export interface SignedCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

/** The controller as the shipper sees it. No call rejects. */
export interface ShippingPort {
  registerStream(request: StreamRequest): Promise<RegisterAnswer>;
  putBlob(place: { stream: string; day: string; sha256: string }, bytes: Uint8Array): Promise<BlobAnswer>;
  putSessionKey(session: string, request: SessionKeyRequest): Promise<BlobAnswer>;
  putSegment(name: string, bytes: Uint8Array, signature: SegmentSignature): Promise<ShipAnswer>;
  reportHead(head: HeadsRequest): Promise<{ readonly deletionTimestamp?: string | undefined } | undefined>;
  /** The newest checkpoint, signed by a key of the log; `undefined` when there is none that can be believed. */
  checkpoint(): Promise<SignedCheckpoint | undefined>;
  /** Audit path of a leaf in the tree of this size; `undefined` when nobody answers with one. */
  proof(index: number, size: number): Promise<readonly Uint8Array[] | undefined>;
}
