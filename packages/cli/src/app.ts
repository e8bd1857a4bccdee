import { KubeError } from '@tachograph/kube';
import { StoreError } from '@tachograph/store';
import { Command, CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { CliError, errorExitCode, exitCodes } from './cli-error.ts';
import { addApprovalsCommand } from './commands/approvals-command.ts';
import { addBucketCommand } from './commands/bucket-command.ts';
import { addCheckCommand } from './commands/check-command.ts';
import { addDevTokenCommand } from './commands/dev-token-command.ts';
import { addEvidenceCommand } from './commands/evidence-command.ts';
import { addExportCommand } from './commands/export-command.ts';
import { addGuardCommand } from './commands/guard-command.ts';
import { addEraseCommand } from './commands/erase-command.ts';
import { addHoldCommand } from './commands/hold-command.ts';
import { addKeysCommand } from './commands/keys-command.ts';
import { addInjectCommand } from './commands/inject-command.ts';
import { addMaskCommand } from './commands/mask-command.ts';
import { addPolicyCommand } from './commands/policy-command.ts';
import { addPullCommand } from './commands/pull-command.ts';
import { addPurgeCommand } from './commands/purge-command.ts';
import { addReportCommand } from './commands/report-command.ts';
import { addReplayCommand } from './commands/replay-command.ts';
import { addQueryCommand } from './commands/query-command.ts';
import { addSessionsCommand } from './commands/sessions-command.ts';
import { addTilesCommand } from './commands/tiles-command.ts';
import { addToolsCommand } from './commands/tools-command.ts';
import { addTrustCommand } from './commands/trust-command.ts';
import { addVerifyCommand } from './commands/verify-command.ts';
import { addVersionCommand } from './commands/version-command.ts';
import { printable } from './text-table.ts';

/** The program: `tacho`. Errors are thrown, so that tests and `runTacho` see them. */
export function createTacho(context: CliContext): Command {
  const program = new Command('tacho')
    .description('The sealed flight recorder for MCP servers on Kubernetes')
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', '\nExit codes: 0 to 3 are verdicts (see tacho verify --help), 64 usage, 70 internal.');
  addSessionsCommand(program, context);
  addPullCommand(program, context);
  addExportCommand(program, context);
  addQueryCommand(program, context);
  addReplayCommand(program, context);
  addVerifyCommand(program, context);
  addEvidenceCommand(program, context);
  addBucketCommand(program, context);
  addHoldCommand(program, context);
  addEraseCommand(program, context);
  addKeysCommand(program, context);
  addPurgeCommand(program, context);
  addReportCommand(program, context);
  addInjectCommand(program, context);
  addCheckCommand(program, context);
  addPolicyCommand(program, context);
  addMaskCommand(program, context);
  addGuardCommand(program, context);
  addApprovalsCommand(program, context);
  addTilesCommand(program, context);
  addToolsCommand(program, context);
  addTrustCommand(program, context);
  addDevTokenCommand(program, context);
  addVersionCommand(program, context);
  return program;
}

/** Runs one command line; the exit code. */
export async function runTacho(context: CliContext, argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = createTacho({
    ...context,
    exit: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return failureCode(context, error);
  }
}

function failureCode(context: CliContext, error: unknown): number {
  // Commander has written its own message, and ends --help and --version this way.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  context.err(`tacho: ${printable(messageOf(error))}\n`);
  if (error instanceof CliError) return errorExitCode[error.code];
  if (error instanceof StoreError) return storeExitCode(error);
  return error instanceof KubeError ? errorExitCode.kube : exitCodes.internal;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An archive that is not there is a missing input, not a fault of the program. */
function storeExitCode({ code }: StoreError): number {
  if (code === 'no_bucket') return exitCodes.missing;
  return code === 'invalid_url' ? exitCodes.usage : errorExitCode.store;
}
