/** The controller as the auth server's forwarder sees it (`mcp.md` §3, `contracts.md`). */
import type { IncomingHttpHeaders } from 'node:http';

/** One request to the auth server. `path`: with its query, which may hold codes: it is for no log. */
export interface LoginCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Gives the call up: the caller has left. */
  readonly signal: AbortSignal;
}

/** `unreachable`: no whole answer came. */
export type LoginAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly kind: 'unreachable'; readonly error: Error };

/** Never rejects, follows no redirect, and sends nothing twice: a code that arrives twice counts as stolen. */
export interface LoginPort {
  call(it: LoginCall): Promise<LoginAnswer>;
}
