import { appendFile, chmod } from 'node:fs/promises';
import { sessionKeyAnswer } from '@tachograph/protocol';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';

interface GetOptions extends ControllerOptions {
  readonly session: string;
  readonly reason: string;
  readonly out: string;
}

/** `tacho keys`: keys of sealed bodies. */
export function addKeysCommand(program: Command, context: CliContext): void {
  const keys = program.command('keys').description('Keys of sessions whose bodies are sealed');
  withControllerOptions(keys.command('get'))
    .description('Read the key of a session into a file, for tacho replay --session-keys')
    .requiredOption('--session <id>', 'the session')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .requiredOption('--out <file>', 'where the key is appended, as a JSON line; only its owner may read it')
    .addHelpText(
      'after',
      `
For custodians only: the controller's TACHO_CUSTODIANS must name you or a group of yours. The log says who read which key and
why, before it is answered.
${controllerHelp}

Exit codes: 0 done; 1 refused; 3 no key of this session is kept, or it was destroyed.

Examples:
  tacho keys get --session 0193… --reason "case 4711" --out keys.jsonl
  tacho replay case-42 --session 0193… --session-keys keys.jsonl`,
    )
    .action(async ({ session, reason, out, ...options }: GetOptions) => {
      const client = await openController(context, options);
      const path = `/v1/custody/session-keys/${encodeURIComponent(session)}`;
      const answer = await client.call(sessionKeyAnswer, 'POST', path, { reason });
      await append(out, `${JSON.stringify(answer)}\n`);
      context.err(`key of session ${answer.session} written to ${out}\n`);
    });
}

async function append(file: string, line: string): Promise<void> {
  try {
    await appendFile(file, '', { mode: 0o600 });
    // Also where the file was there already.
    await chmod(file, 0o600);
    await appendFile(file, line);
  } catch (cause) {
    throw new CliError('usage', `cannot write ${file}`, { cause });
  }
}
