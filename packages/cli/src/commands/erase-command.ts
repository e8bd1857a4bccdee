import { erasureList, erasureView, type ErasureView } from '@tachograph/protocol';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';
import { textTable } from '../text-table.ts';

interface EraseOptions extends ControllerOptions {
  readonly json?: boolean;
}

interface DeedOptions extends EraseOptions {
  readonly reason: string;
}

const whoMay = `
For custodians only, and the one who confirms is not the one who asked. A legal hold refuses it. The log names both before
the key is gone; afterwards nobody reads the bodies of the session, and verification holds as before.
${controllerHelp}

Exit codes: 0 done; 1 refused; 3 no such erasure.`;

/** `tacho erase`: ends the key of a session whose bodies are sealed. */
export function addEraseCommand(program: Command, context: CliContext): void {
  const erase = program.command('erase').description('End the key of a session, and with it what only it can open');
  withControllerOptions(erase.command('request'))
    .description('Ask for the end of the key; another custodian confirms it within a day')
    .requiredOption('--session <id>', 'the session')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .option('--json', 'print the erasure as JSON')
    .addHelpText(
      'after',
      `${whoMay}\n\nExamples:\n  tacho erase request --session 0193… --reason "request 17 of a person"`,
    )
    .action(async ({ json, session, reason, ...options }: DeedOptions & { readonly session: string }) => {
      const client = await openController(context, options);
      report(context, await client.call(erasureView, 'POST', '/v1/custody/erasures', { session, reason }), json);
    });
  withControllerOptions(erase.command('confirm'))
    .description('Confirm what somebody else asked for: the key is gone afterwards')
    .argument('<id>', 'of the erasure')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .option('--json', 'print the erasure as JSON')
    .addHelpText('after', `${whoMay}\n\nExamples:\n  tacho erase confirm 0193… --reason "checked against request 17"`)
    .action(async (id: string, { json, reason, ...options }: DeedOptions) => {
      const client = await openController(context, options);
      const path = `/v1/custody/erasures/${encodeURIComponent(id)}/confirm`;
      report(context, await client.call(erasureView, 'POST', path, { reason }), json);
    });
  withControllerOptions(erase.command('list'))
    .description('List erasures, newest first')
    .option('--json', 'print {"erasures": [erasure, …]}')
    .addHelpText('after', `${whoMay}\n\nExamples:\n  tacho erase list`)
    .action(async ({ json, ...options }: EraseOptions) => {
      const client = await openController(context, options);
      const { erasures } = await client.call(erasureList, 'GET', '/v1/custody/erasures');
      if (json === true) return printJson(context, { erasures });
      if (erasures.length === 0) return context.err('no erasures\n');
      const head = ['ERASURE', 'SESSION', 'STATE', 'ASKED', 'BY', 'CONFIRMED BY', 'REASON'];
      context.out(textTable([head, ...erasures.map(toRow)]));
    });
}

function toRow({ erasure, session, state, at, by, confirmed, reason }: ErasureView): string[] {
  return [erasure, session, state, at, by.sub, confirmed?.by.sub ?? '-', reason];
}

function report(context: CliContext, erasure: ErasureView, json: boolean | undefined): void {
  if (json === true) return printJson(context, erasure);
  context.out(
    erasure.state === 'confirmed'
      ? `the key of session ${erasure.session} is gone\n`
      : `asked: another custodian runs\n  tacho erase confirm ${erasure.erasure} --reason "…"\n`,
  );
}
