import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { exitCodes } from '../cli-error.ts';
import { formatFault, readPolicyFiles } from '../policy/policy-files.ts';

interface LintOptions {
  readonly json?: boolean;
}

/** `tacho policy lint`: every fault that admission would refuse, with its line. */
export function addPolicyLintCommand(policy: Command, context: CliContext): void {
  policy
    .command('lint')
    .argument('<file...>', 'YAML files of McpPolicy and ClusterMcpPolicy objects')
    .description('Check policies as admission does: every fault, with file, line and path')
    .option('--json', 'print {"policies", "faults": [{"file", "line", "path", "message"}]}')
    .addHelpText(
      'after',
      `
Which tools servers have is not known here, so that strict is not checked.

Exit codes: 0 no fault; 1 faults; 3 a file cannot be read.

Examples:
  tacho policy lint policy.yaml
  tacho policy lint policies/*.yaml --json`,
    )
    .action(async (files: readonly string[], options: LintOptions) => lint(context, files, options));
}

async function lint(context: CliContext, files: readonly string[], { json = false }: LintOptions): Promise<void> {
  const { objects, faults } = await readPolicyFiles(files, 'default');
  if (faults.length > 0) context.exit(exitCodes.tampered);
  if (json) return printJson(context, { policies: objects.length, faults });
  for (const fault of faults) context.out(`${formatFault(fault)}\n`);
  if (faults.length === 0)
    context.out(`${objects.length} ${objects.length === 1 ? 'policy' : 'policies'}, no faults\n`);
  return undefined;
}
