/** An unmodified MCP client as a person runs it: it logs in by itself when it has to, and calls one tool. */
export interface StockClient {
  readonly name: string;
  /** Why it cannot be run here. */
  readonly missing?: string;
  /** Calls `echo` and gives what the client showed for it. */
  echo(call: StockCall): Promise<string>;
}

export interface StockCall {
  /** As the person types it. */
  readonly url: string;
  readonly message: string;
  /** Directory where the client keeps what it has between runs. */
  readonly home: string;
  /** Executable that opens a URL (`BROWSER`). */
  readonly browser: string;
  /** Ends a client that would wait for ever. */
  readonly signal?: AbortSignal;
}

/** What a client's process may know of this one. */
export function environmentOf({ home, browser }: StockCall): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, BROWSER: browser, TERM: 'xterm', LANG: 'C.UTF-8' };
}
