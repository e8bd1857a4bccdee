/** What a command sees of the world. `main.ts` fills it in; tests fill in their own. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results. */
  readonly out: (text: string) => void;
  /** Reasons, warnings, progress. */
  readonly err: (text: string) => void;
  /** Where progress is drawn; `undefined` unless stderr is a terminal. */
  readonly progressStream: NodeJS.WritableStream | undefined;
  readonly nowMs: () => number;
  readonly readStdin: () => Promise<string>;
  /** The bytes of stdin, as they come. Use this or `readStdin`, once. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Resolves when what was written to `out` no longer piles up. */
  readonly outReady: () => Promise<void>;
  /** Asks the person at the terminal; `undefined` when there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Has Ctrl-C call `stop` instead of ending the program; a second one ends it. Gives what takes that back. */
  readonly onInterrupt?: (stop: () => void) => () => void;
  /** Sets the exit code of a run that otherwise went well. */
  readonly exit: (code: number) => void;
}

/** Writes one JSON document. */
export function printJson(context: CliContext, value: unknown): void {
  context.out(`${JSON.stringify(value, null, 2)}\n`);
}
