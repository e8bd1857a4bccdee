import type { Statement } from '@tachograph/protocol';

/** A statement with the tag that says when it changes. */
export interface SignedAnswer {
  readonly etag: string;
  readonly statement: Statement;
}
