import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { programVersion } from '../version.ts';

/** `tacho version`. */
export function addVersionCommand(program: Command, context: CliContext): void {
  program
    .command('version')
    .description('Print the version')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  tacho version\n  tacho version --json')
    .action(({ json }: { readonly json?: boolean }) => {
      const versions = { tacho: programVersion(), node: process.versions.node };
      if (json === true) printJson(context, versions);
      else context.out(`tacho ${versions.tacho} (Node ${versions.node})\n`);
    });
}
