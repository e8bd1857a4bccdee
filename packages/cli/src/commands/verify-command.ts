import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { type CliContext, printJson } from '../cli-context.ts';
import { runVerification, type VerifyFlags } from '../verify/run-verification.ts';
import { parseParallelOption, parseSecondsOption } from './option-parsers.ts';
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
  program
    .command('verify')
    .description('Prove that an archive is whole and untouched; a pulled directory needs no network')
    .argument('<archive>', 'pulled directory, exported zip, or gs://bucket[/prefix]')
    .requiredOption('--policy <file>', "C2SP policy with the log's key, obtained elsewhere than the bucket")
    .option('--witness-policy <file>', 'C2SP policy whose witnesses and quorum count instead; demands the quorum')
    .option('--require-witness', "without the policy's quorum of witnesses, inputs are missing (3)")
    .option('--max-age <duration>', 'the newest quorum may be this old (15m, 1h, 7d)', parseSecondsOption)
    .option('--pinned-checkpoint <file>', 'a checkpoint kept from before: the log must extend it')
    .option('--state <file>', 'where the newest checkpoints are remembered (default: in XDG_STATE_HOME)')
    .option('--no-remember', 'neither compare with what was remembered nor remember')
    .option(
      '--pods <audit.jsonl>',
      "the API server's audit log, obtained elsewhere: pods that it created must be recorded",
    )
    .option('--report <dir>', 'write report.json and report.html')
    .option('--sign-key <file>', 'sign the report: Ed25519 private key, PKCS8 PEM')
    .option('--resume <file>', 'go on where an interrupted run stood, and keep where this one stands')
    .option(
      '--jobs <n>',
      'threads for large archives (default: one a core)',
      parseParallelOption,
      availableParallelism(),
    )
    .option('--progress', 'print progress as lines, also without a terminal')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
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
