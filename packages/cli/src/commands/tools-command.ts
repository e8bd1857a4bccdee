import { ledgerSections, serverList, serverView, type PinRequest, type ServerView } from '@tachograph/protocol';
import { Option, type Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';
import { diffText, entriesOf, listText } from '../tools/ledger-text.ts';

interface ToolsOptions extends ControllerOptions {
  readonly json?: boolean;
}

interface ApproveOptions extends ToolsOptions {
  readonly reason: string;
  readonly digest?: string;
  readonly section?: string;
  readonly all?: boolean;
}

/** `tacho tools`: what servers offer, and what of it is approved. */
export function addToolsCommand(program: Command, context: CliContext): void {
  const tools = program.command('tools').description('Look at what servers offer, and approve what changed');
  addList(tools, context);
  addDiff(tools, context);
  addApprove(tools, context);
}

function addList(tools: Command, context: CliContext): void {
  withControllerOptions(tools.command('list'))
    .description('List tools, prompts, resource templates and instructions, and whether they are as pinned')
    .argument('[workload]', 'namespace/workload (default: all that you may see)')
    .option('--namespace <name>', 'only workloads of this namespace')
    .option('--json', 'print {"servers": [inventory, …]}')
    .addHelpText('after', `${controllerHelp}\n\nExamples:\n  tacho tools list\n  tacho tools list team-a/store --json`)
    .action(async (workload: string | undefined, options: ToolsOptions) => {
      const servers = await readServers(context, options, workload);
      if (options.json === true) printJson(context, { servers });
      else if (servers.length === 0) context.err('nothing has been listed yet\n');
      else context.out(listText(servers));
    });
}

function addDiff(tools: Command, context: CliContext): void {
  withControllerOptions(tools.command('diff'))
    .description('Show what is not as pinned, field by field')
    .argument('[workload]', 'namespace/workload (default: all that you may see)')
    .option('--namespace <name>', 'only workloads of this namespace')
    .option('--json', 'print {"servers": [{"namespace", "workload", "drift"}, …]}')
    .addHelpText(
      'after',
      `${controllerHelp}\n\nExit codes: 0 everything is as pinned; 1 something is not.\n\nExamples:\n  tacho tools diff team-a/store`,
    )
    .action(async (workload: string | undefined, options: ToolsOptions) => {
      const servers = (await readServers(context, options, workload)).filter(({ drift }) => drift.length > 0);
      if (options.json === true) {
        const drift = servers.map((one) => ({ namespace: one.namespace, workload: one.workload, drift: one.drift }));
        printJson(context, { servers: drift });
      } else context.out(servers.map(diffText).join('\n'));
      if (servers.length > 0) context.exit(1);
    });
}

function addApprove(tools: Command, context: CliContext): void {
  withControllerOptions(tools.command('approve'))
    .description('Pin the newest definition: from now on it is the approved one')
    .argument('<workload>', 'namespace/workload')
    .argument('[names...]', 'what to approve, as in tacho tools diff')
    .requiredOption('--reason <text>', 'why; kept with the inventory')
    .addOption(new Option('--section <section>', 'of the names').choices([...ledgerSections]))
    .option('--digest <hex>', 'only if the newest definition begins with this digest (one name)')
    .option('--all', 'everything that differs')
    .option('--json', 'print the inventory')
    .addHelpText(
      'after',
      `${controllerHelp}

You need the right to update mcpservers/pins in the namespace (ClusterRole tachograph-tool-approver).
Exit codes: 0 pinned; 1 refused (no right, or the definition has changed since it was read); 3 no such entry.

Examples:
  tacho tools approve team-a/store query --reason "release 2.1, reviewed"
  tacho tools approve team-a/store --all --reason "release 2.1, reviewed"`,
    )
    .action(async (workload: string, names: readonly string[], options: ApproveOptions) => {
      const [server] = await readServers(context, options, workload);
      if (server === undefined) throw new CliError('not_found', `nothing is known of ${workload}`);
      const entries = chosen(server, names, options);
      const path = `/v1/servers/${encodeURIComponent(server.namespace)}/${encodeURIComponent(server.workload)}/approval`;
      const client = await openController(context, options);
      const pinned = await client.call(serverView, 'POST', path, { entries, reason: options.reason });
      if (options.json === true) printJson(context, pinned);
      else
        context.out(
          entries.map(({ section, name, digest }) => `pinned ${section} ${name} ${digest.slice(0, 12)}\n`).join(''),
        );
    });
}

/** What the person has just been shown, by digest: what changes meanwhile is refused by the controller. */
function chosen(server: ServerView, names: readonly string[], options: ApproveOptions): PinRequest['entries'] {
  const { section, digest, all } = options;
  if ((names.length === 0) === (all !== true)) throw new CliError('usage', 'expected names, or --all');
  if (digest !== undefined && names.length !== 1) throw new CliError('usage', 'expected one name with --digest');
  const known = entriesOf(server).filter((entry) => section === undefined || entry.section === section);
  const meant =
    all === true
      ? known.filter((entry) => entry.digest !== entry.pinned)
      : known.filter(({ name }) => names.includes(name));
  const missing = names.find((name) => !meant.some((entry) => entry.name === name));
  if (missing !== undefined) throw new CliError('not_found', `no entry ${missing}`);
  if (meant.length === 0) throw new CliError('not_found', 'everything is as pinned');
  if (digest !== undefined && !meant.every((entry) => entry.digest.startsWith(digest))) {
    throw new CliError('refused', 'the newest definition has another digest');
  }
  return meant.map((entry) => ({ section: entry.section, name: entry.name, digest: entry.digest }));
}

async function readServers(
  context: CliContext,
  options: ToolsOptions,
  target: string | undefined,
): Promise<readonly ServerView[]> {
  const [namespace, workload, more] = target === undefined ? [options.namespace] : target.split('/');
  if (target !== undefined && (workload === undefined || more !== undefined)) {
    throw new CliError('usage', 'expected namespace/workload');
  }
  const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`;
  const client = await openController(context, options);
  const { servers } = await client.call(serverList, 'GET', `/v1/servers${query}`);
  return servers.filter((one) => workload === undefined || one.workload === workload);
}
