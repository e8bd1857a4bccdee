import { checkPolicy, loadConditions } from '@tachograph/policy';
import { type Command, Option } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { toCsv } from '../csv.ts';
import { createMatrix, type MatrixRow } from '../policy/matrix.ts';
import { readPrincipals, readServers } from '../policy/matrix-inputs.ts';
import { loadPolicies } from '../policy/policy-files.ts';
import { collectOption } from './option-parsers.ts';
import { textTable } from '../text-table.ts';

interface MatrixOptions {
  readonly policy: readonly string[];
  readonly principals?: string;
  readonly servers?: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly format: 'table' | 'csv' | 'json';
}

const help = `
Without --principals everybody whom the policies name, patterns standing for whoever they match, and anyone else;
without --servers the namespaces, workloads and tools that they name. Whoever is in two groups may have more or less than
each group alone: name real callers to be sure.

A right that depends on arguments (a condition, a guard) is the hardest verdict that may come of it, marked
"conditional", with the softest beside it. Cells of CSV that begin like a formula stand behind an apostrophe.

Examples:
  tacho policy matrix --policy policy.yaml
  kubectl get mcpservers -A -o yaml > servers.yaml
  tacho policy matrix --policy cluster.yaml --policy team.yaml --servers servers.yaml --principals staff.yaml --format csv
  echo '[{subject: alice, groups: [dev]}, {name: CI, subject: "system:serviceaccount:ci:runner"}]' > staff.yaml`;

/** `tacho policy matrix`: the access-control matrix that auditors ask for. */
export function addPolicyMatrixCommand(policy: Command, context: CliContext): void {
  policy
    .command('matrix')
    .description('Print who may call which tool of which server')
    .requiredOption('--policy <file>', 'YAML file of policies; may be given several times', collectOption)
    .option('--principals <file>', 'YAML or JSON list of callers: subject, type, groups, clientId, name')
    .option('--servers <file>', 'YAML or JSON: namespace, workload, tools; or McpServer objects')
    .option('--cluster <name>', 'cluster of the servers', 'local')
    .option('--namespace <name>', 'namespace of policies that name none', 'default')
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'csv', 'json']).default('table'))
    .addHelpText('after', help)
    .action(async (options: MatrixOptions) => matrix(context, options));
}

async function matrix(context: CliContext, options: MatrixOptions): Promise<void> {
  const { principals, servers, cluster, format } = options;
  const conditions = await loadConditions();
  const objects = (await loadPolicies(options.policy, options.namespace)).flatMap((object) => {
    const checked = checkPolicy(object, conditions);
    return checked.kind === 'checked' ? [{ ...object, spec: checked.spec }] : [];
  });
  const rows = await createMatrix(objects, {
    cluster,
    ...(principals === undefined ? {} : { principals: await readPrincipals(principals) }),
    ...(servers === undefined ? {} : { servers: await readServers(servers) }),
  });
  if (format === 'json') return printJson(context, { rows });
  const table = [header, ...rows.map(toCells)];
  context.out(format === 'csv' ? toCsv(table) : textTable(table.map((row) => row.map((cell) => cell || '-'))));
  return undefined;
}

const header = ['PRINCIPAL', 'SERVER', 'TOOL', 'RIGHT', 'CONDITIONAL', 'SOFTEST', 'RULE', 'POLICY'];

function toCells({ principal, server, tool, right, conditional, softest, rule, policy }: MatrixRow): readonly string[] {
  return [principal, server, tool, right, conditional ? 'conditional' : '', conditional ? softest : '', rule, policy];
}
