import type { HeadsRequest, SegmentSignature, SessionKeyRequest, StreamRequest } from '@tachograph/protocol';
import type { BlobAnswer, RegisterAnswer, ShipAnswer } from '../controller-client/answers.ts';

/** The controller as the shipper sees it. No call rejects. */
export interface ShippingPort {
  registerStream(request: StreamRequest): Promise<RegisterAnswer>;
  putBlob(place: { stream: string; day: string; sha256: string }, bytes: Uint8Array): Promise<BlobAnswer>;
  putSessionKey(session: string, request: SessionKeyRequest): Promise<BlobAnswer>;
  putSegment(name: string, bytes: Uint8Array, signature: SegmentSignature): Promise<ShipAnswer>;
  reportHead(head: HeadsRequest): Promise<{ readonly deletionTimestamp?: string | undefined } | undefined>;
  checkpointSize(): Promise<number | undefined>;
}
