import { readFile } from 'node:fs/promises';
import { parseJson, verificationRequest } from '@tachograph/protocol';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import {
  type ControllerOptions,
  controllerHelp,
  openController,
  withControllerOptions,
} from '../controller/controller-options.ts';

interface ReportOptions extends ControllerOptions {
  readonly json?: boolean;
}

/** `tacho report`: what a verification found becomes a metric of the controller, and so an alert. */
export function addReportCommand(program: Command, context: CliContext): void {
  withControllerOptions(program.command('report'))
    .description('Tell the controller how a verification ended, for its metrics and alerts')
    .argument('[file]', 'what tacho verify --json printed (default: stdin)')
    .option('--json', 'print what was told')
    .addHelpText(
      'after',
      `
For custodians only, for example the account of a job that verifies every night. Nothing of it is evidence: that is the
report itself.
${controllerHelp}

Examples:
  tacho verify gs://my-recordings --policy policy.txt --json | tee report.json | tacho report`,
    )
    .action(async (file: string | undefined, options: ReportOptions) => {
      const text = file === undefined ? await context.readStdin() : await readReport(file);
      const ended = toEnded(text);
      const client = await openController(context, options);
      const told = await client.call(verificationRequest, 'POST', '/v1/custody/verifications', ended);
      if (options.json === true) printJson(context, told);
      else context.out(`reported: ${told.verdict}\n`);
    });
}

async function readReport(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('usage', `cannot read ${file}`, { cause });
  }
}

function toEnded(text: string): object {
  const report = toFields(parseJson(text));
  const size = toFields(report['checkpoint'])['size'];
  const ended = verificationRequest.safeParse({
    verdict: report['verdict'],
    ...(typeof size === 'number' ? { size } : {}),
  });
  if (!ended.success) throw new CliError('usage', 'expected what tacho verify --json prints');
  return ended.data;
}

function toFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
