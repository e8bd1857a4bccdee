import type { Logger } from '@tachograph/kube';
import type { CliContext } from '../cli-context.ts';

/** Warnings of the cluster client, for the person at the terminal. */
export function kubeLogger(context: CliContext): Logger {
  return {
    info: () => undefined,
    warn: (message) => context.err(`${message}\n`),
  };
}
