import type { StoreError } from '@tachograph/store';
import { Command, CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { CliError, errorExitCode, exitCodes } from './cli-error.ts';
import { commands } from './commands.ts';
import { printable } from './text-table.ts';

/**
 * The program for one command line: `tacho`. Only the command that is asked for is loaded; the others are named for the
 * help. Errors are thrown, so that tests and `runTacho` see them.
 */
export async function createTacho(context: CliContext, argv: readonly string[]): Promise<Command> {
  const program = new Command('tacho')
    .description('The sealed flight recorder for MCP servers on Kubernetes')
    .exitOverride()
    // The options and arguments of a command that is not loaded are not known.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', '\nExit codes: 0 to 3 are verdicts (see tacho verify --help), 64 usage, 70 internal.');
  const wanted = wantedCommand(argv);
  for (const { name, summary, load } of commands) {
    if (name === wanted) (await load())(program, context);
    else program.command(name).description(summary);
  }
  return program;
}

/** The first word that is no option: `tacho` itself has none with a value. */
function wantedCommand(argv: readonly string[]): string | undefined {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  return first === 'help' ? second : first;
}

/** Runs one command line; the exit code. */
export async function runTacho(context: CliContext, argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const exit = (code: number): void => {
    exitCode = code;
  };
  try {
    const program = await createTacho({ ...context, exit }, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return await failureCode(context, error);
  }
}

async function failureCode(context: CliContext, error: unknown): Promise<number> {
  // Commander has written its own message, and ends --help and --version this way.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  context.err(`tacho: ${printable(messageOf(error))}\n`);
  if (error instanceof CliError) return errorExitCode[error.code];
  // By its name: the class is in a package of 80 MB that most commands do without.
  if (error instanceof Error && error.name === 'KubeError') return errorExitCode.kube;
  const { StoreError } = await import('@tachograph/store');
  return error instanceof StoreError ? storeExitCode(error) : exitCodes.internal;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An archive that is not there is a missing input, not a fault of the program. */
function storeExitCode({ code }: StoreError): number {
  if (code === 'no_bucket') return exitCodes.missing;
  return code === 'invalid_url' ? exitCodes.usage : errorExitCode.store;
}
