import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { runVerification, type VerifyFlags } from '../verify/run-verification.ts';
import { withVerificationOptions } from './verification-options.ts';
import { formatReport } from './verify-text.ts';

interface VerifyCommandOptions extends VerifyFlags {
  readonly json?: boolean;
}

const help = `
Exit codes: 0 verified; 1 tampered; 2 incomplete, but explained; 3 inputs are missing; 130 interrupted.

The newest checkpoint of each log is remembered, and a later run refuses a history that does not extend it.

Examples:
  tacho verify case-42 --policy policy.txt
  tacho verify session.zip --policy policy.txt
  tacho verify gs://my-recordings --policy policy.txt --require-witness --max-age 1h
  tacho verify gs://my-recordings --policy policy.txt --pods audit.jsonl --report report --sign-key auditor.pem
  tacho verify everything --policy policy.txt --resume state.jsonl --progress`;

/** `tacho verify`: proves an archive, from its bytes and a policy obtained elsewhere. */
export function addVerifyCommand(program: Command, context: CliContext): void {
  const command = program
    .command('verify')
    .description('Prove that an archive is whole and untouched; a pulled directory needs no network')
    .argument('<archive>', 'pulled directory, exported zip, or gs://bucket[/prefix]');
  withVerificationOptions(command)
    .option('--report <dir>', 'write report.json and report.html')
    .option('--sign-key <file>', 'sign the report: Ed25519 private key, PKCS8 PEM')
    .option('--resume <file>', 'go on where an interrupted run stood, and keep where this one stands')
    .option('--progress', 'print progress as lines, also without a terminal')
    .option('--json', 'print report and findings as JSON')
    .addHelpText('after', help)
    .action(async (address: string, options: VerifyCommandOptions) => verify(context, address, options));
}

async function verify(context: CliContext, address: string, options: VerifyCommandOptions): Promise<void> {
  const { report, findings } = await runVerification(context, address, options);
  context.exit(report.exitCode);
  if (options.json === true) printJson(context, { ...report, findings: { counts: report.findings, list: findings } });
  else context.out(formatReport(report, findings));
}
