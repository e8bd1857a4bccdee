import { revealAnswer, type RevealedCall } from '@tachograph/protocol';
import type { Command } from 'commander';
import { revealedText } from '../approvals/approval-text.ts';
import { createRevealKey } from '../approvals/open-reveal.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openControllerAs,
  withControllerOptions,
} from '../controller/controller-options.ts';

interface RevealOptions extends ControllerOptions {
  readonly reason: string;
  readonly json?: boolean;
}

/** `tacho approvals reveal`: what masking hid, for one who decides, on record. */
export function addRevealCommand(approvals: Command, context: CliContext): void {
  withControllerOptions(approvals.command('reveal'))
    .description('Show what masking hid in a held call; that you looked, and why, is recorded first')
    .argument('<id>', 'of the held call')
    .requiredOption('--reason <text>', 'why; kept in the record')
    .option('--json', 'print {"tool", "arguments"}, the arguments as the JSON text that will run')
    .addHelpText(
      'after',
      `
The values come from the sidecar that holds the call, sealed for this command alone: the controller cannot read them, and
keeps nothing of them. The client of the call must be waiting now. Only people whom the rule names can look.
${controllerHelp}

Exit codes: 0 shown; 1 refused; 3 no such call; 70 no sidecar holds the call now.

Examples:
  tacho approvals reveal 01930a5e-5a9e-7c3b-8f2e-0d6f0c1b2a39 --reason "ticket 4711"`,
    )
    .action(async (id: string, options: RevealOptions) => {
      const call = await reveal(context, id, options);
      if (options.json === true) printJson(context, call);
      else context.out(revealedText(call));
    });
}

async function reveal(context: CliContext, id: string, options: RevealOptions): Promise<RevealedCall> {
  const { client, subject } = await openControllerAs(context, options);
  const key = createRevealKey();
  const body = { reason: options.reason, key: key.publicKey };
  const path = `/v1/approvals/${encodeURIComponent(id)}/reveals`;
  const answer = await client.call(revealAnswer, 'POST', path, body);
  const { workload, digest, box } = answer;
  // Our own name, not the controller's word: what was recorded under another's does not open.
  const call = key.open(box, { workload, approval: id, reveal: answer.reveal.id, digest, subject });
  if (call === undefined) throw new CliError('controller', 'what came was not sealed for you');
  return call;
}
