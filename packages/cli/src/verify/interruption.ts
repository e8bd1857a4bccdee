import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';

/** Whether the person pressed Ctrl-C; the work looks at it between two of its steps. */
export interface Interruption {
  readonly interrupted: () => boolean;
  /** Ends the work when it was. */
  readonly throwIfInterrupted: () => void;
}

/** Runs the work so that Ctrl-C ends it at its next step; a second one ends the program. */
export async function interruptible<Result>(
  context: CliContext,
  hint: string,
  work: (interruption: Interruption) => Promise<Result>,
): Promise<Result> {
  let stopped = false;
  const release = context.onInterrupt?.(() => {
    stopped = true;
  });
  const interrupted = (): boolean => stopped;
  try {
    return await work({
      interrupted,
      throwIfInterrupted: () => {
        if (stopped) throw new CliError('interrupted', `interrupted; ${hint}`);
      },
    });
  } finally {
    release?.();
  }
}
