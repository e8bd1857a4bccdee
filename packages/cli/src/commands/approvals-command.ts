import { approvalList, approvalStates, approvalView, type ApprovalView } from '@tachograph/protocol';
import { Option, type Command } from 'commander';
import { approvalText, remaining, stateText } from '../approvals/approval-text.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';
import { textTable } from '../text-table.ts';
import { addRevealCommand } from './approvals-reveal-command.ts';

interface ListOptions extends ControllerOptions {
  readonly state?: string;
  readonly json?: boolean;
}

interface ShowOptions extends ControllerOptions {
  readonly json?: boolean;
}

interface DecideOptions extends ShowOptions {
  readonly reason: string;
}

/** `tacho approvals`: calls that wait for people. */
export function addApprovalsCommand(program: Command, context: CliContext): void {
  const approvals = program.command('approvals').description('Look at held calls and decide on them');
  addList(approvals, context);
  addShow(approvals, context);
  addRevealCommand(approvals, context);
  addDecision(approvals, context, 'approve', 'Let exactly this call run once');
  addDecision(approvals, context, 'deny', 'Refuse this call');
}

function addList(approvals: Command, context: CliContext): void {
  withControllerOptions(approvals.command('list'))
    .description('List the calls that you may decide on, newest first')
    .addOption(
      new Option('--state <state>', 'only calls in this state').choices([...approvalStates, 'any']).default('pending'),
    )
    .option('--namespace <name>', 'only calls to workloads of this namespace')
    .option('--json', 'print {"approvals": [approval, …]}')
    .addHelpText(
      'after',
      `${controllerHelp}

Examples:
  tacho approvals list
  tacho approvals list --state any --namespace team-a --json`,
    )
    .action(async (options: ListOptions) => {
      const query = new URLSearchParams();
      if (options.state !== undefined && options.state !== 'any') query.set('state', options.state);
      if (options.namespace !== undefined) query.set('namespace', options.namespace);
      const client = await openController(context, options);
      const found = await client.call(approvalList, 'GET', `/v1/approvals?${query.toString()}`);
      if (options.json === true) return printJson(context, found);
      if (found.approvals.length === 0) return context.err('no held calls for you\n');
      context.out(listText(found.approvals, context.nowMs()));
    });
}

function listText(found: readonly ApprovalView[], nowMs: number): string {
  const rows = found.map((one) => [
    one.id,
    stateText(one),
    one.caller.sub,
    one.tool,
    one.workload.replace(/^tachograph:\/\/[^/]+\//, ''),
    one.ended === undefined ? remaining(one.expiresAt, nowMs) : '-',
  ]);
  return textTable([['ID', 'STATE', 'CALLER', 'TOOL', 'WORKLOAD', 'EXPIRES'], ...rows]);
}

function addShow(approvals: Command, context: CliContext): void {
  withControllerOptions(approvals.command('show'))
    .description('Show the masked arguments that will run, and how much masking hid')
    .argument('<id>', 'of the held call')
    .option('--json', 'print the approval as JSON')
    .addHelpText('after', `${controllerHelp}\n\nExamples:\n  tacho approvals show 01930a5e-5a9e-7c3b-8f2e-0d6f0c1b2a39`)
    .action(async (id: string, options: ShowOptions) => {
      const client = await openController(context, options);
      const approval = await client.call(approvalView, 'GET', `/v1/approvals/${encodeURIComponent(id)}`);
      if (options.json === true) printJson(context, approval);
      else context.out(approvalText(approval, context.nowMs()));
    });
}

function addDecision(approvals: Command, context: CliContext, verdict: 'approve' | 'deny', description: string): void {
  withControllerOptions(approvals.command(verdict))
    .description(description)
    .argument('<id>', 'of the held call')
    .requiredOption('--reason <text>', 'why; kept with the decision')
    .option('--json', 'print the approval as JSON')
    .addHelpText(
      'after',
      `${controllerHelp}

Exit codes: 0 decided; 1 refused (own call, not an approver, decided already, ended); 3 no such call.

Examples:
  tacho approvals ${verdict} 01930a5e-5a9e-7c3b-8f2e-0d6f0c1b2a39 --reason "ticket 4711"`,
    )
    .action(async (id: string, options: DecideOptions) => {
      const { reason } = options;
      const client = await openController(context, options);
      const path = `/v1/approvals/${encodeURIComponent(id)}/decision`;
      const approval = await client.call(approvalView, 'POST', path, { verdict, reason });
      if (options.json === true) printJson(context, approval);
      else context.out(`${approval.id} ${stateText(approval)}\n`);
    });
}
