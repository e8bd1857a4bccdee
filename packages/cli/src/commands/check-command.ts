import { createKube } from '@tachograph/kube';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { exitCodes } from '../cli-error.ts';
import { type CheckResult, runChecks } from '../cluster/check.ts';
import { clusterChecks } from '../cluster/cluster-checks.ts';
import { kubeLogger } from '../cluster/kube-logger.ts';
import { printable } from '../text-table.ts';

interface CheckOptions {
  readonly namespace: string;
  readonly kubeconfig?: string;
  readonly json?: boolean;
}

const marks: Readonly<Record<CheckResult['outcome'], string>> = { ok: '√', failed: '×', warning: '‼' };

/** `tacho check`: is this installation recording? */
export function addCheckCommand(program: Command, context: CliContext): void {
  program
    .command('check')
    .description('Check the installation in a cluster, and namespaces that should be recorded')
    .argument('[namespace...]', 'namespaces whose labelled pods should be recorded')
    .option('--namespace <name>', "Tachograph's own namespace", 'tachograph')
    .option('--kubeconfig <file>', 'kubeconfig (default: the usual places)')
    .option('--json', 'print results as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 all holds, or warnings only; 1 a fatal check fails.

Examples:
  tacho check
  tacho check team-a team-b --json`,
    )
    .action(async (namespaces: readonly string[], options: CheckOptions) => check(context, namespaces, options));
}

async function check(context: CliContext, namespaces: readonly string[], options: CheckOptions): Promise<void> {
  const { namespace, kubeconfig } = options;
  const kube = createKube({ log: kubeLogger(context), ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  const json = options.json === true;
  const results = await runChecks(clusterChecks(kube, { system: namespace, namespaces }), (result) => {
    if (!json) context.out(resultText(result));
  });
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  if (failed > 0) context.exit(exitCodes.tampered);
  if (json) return printJson(context, { ok: failed === 0, results });
  context.out(failed === 0 ? '\nthe installation records\n' : `\n${failed} of ${results.length} checks failed\n`);
}

function resultText({ outcome, description, found, hint }: CheckResult): string {
  const what = found === undefined ? '' : ` (${printable(found)})`;
  return `${marks[outcome]} ${description}${what}\n${hint === undefined ? '' : `    ${hint}\n`}`;
}
