import { readFile } from 'node:fs/promises';
import {
  type Finding,
  type LogPolicy,
  parseLogPolicy,
  type Progress,
  verifyArchive,
  type VerifyReport,
} from '@tachograph/archive';
import type { Command } from 'commander';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import { openArchive, toArchiveSource } from '../archive/open-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { createProgressBar, type ProgressBar } from '../progress-bar.ts';
import { formatReport } from './verify-text.ts';

interface VerifyCommandOptions {
  readonly endpoint?: string;
  readonly policy: string;
  readonly pinnedCheckpoint?: string;
  readonly json?: boolean;
}

/** More findings than a person reads; the counts go on. */
const keptFindings = 10_000;

/** `tacho verify`: proves an archive, from its bytes and a policy obtained elsewhere. */
export function addVerifyCommand(program: Command, context: CliContext): void {
  program
    .command('verify')
    .description('Prove that an archive is whole and untouched; a pulled directory needs no network')
    .argument('<archive>', 'pulled directory, or gs://bucket[/prefix]')
    .requiredOption('--policy <file>', "C2SP policy with the log's key, obtained elsewhere than the bucket")
    .option('--pinned-checkpoint <file>', 'a checkpoint kept from before: the log must extend it')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--json', 'print report and findings as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 verified; 1 tampered; 2 incomplete, but explained; 3 inputs are missing.

Examples:
  tacho verify case-42 --policy policy.txt
  tacho verify case-42 --policy policy.txt --pinned-checkpoint checkpoint.txt --json
  tacho verify gs://my-recordings --policy policy.txt`,
    )
    .action(async (address: string, options: VerifyCommandOptions) => verify(context, address, options));
}

async function verify(context: CliContext, address: string, options: VerifyCommandOptions): Promise<void> {
  const { policy: policyFile, pinnedCheckpoint: pinnedFile, endpoint } = options;
  const policy = toPolicy(policyFile, await readText(policyFile));
  const pinned = pinnedFile === undefined ? undefined : await readText(pinnedFile);
  const archive = openArchive(context, { bucket: address, ...(endpoint === undefined ? {} : { endpoint }) });
  const findings: Finding[] = [];
  const bar = createProgressBar(context);
  let report: VerifyReport;
  try {
    report = await verifyArchive({
      source: toArchiveSource(archive),
      policy,
      crypto: nodeCrypto,
      gunzip: nodeGunzip,
      progress: (progress) => showProgress(bar, progress),
      onFinding: (finding) => {
        if (findings.length < keptFindings) findings.push(finding);
      },
      ...(pinned === undefined ? {} : { pinnedCheckpoint: pinned }),
    });
  } finally {
    bar.stop();
  }
  context.exit(report.exitCode);
  if (options.json === true) printJson(context, { ...report, findings: { counts: report.findings, list: findings } });
  else context.out(formatReport(report, findings));
}

function showProgress(bar: ProgressBar, { phase, done, total }: Progress): void {
  bar.update(done, total, phase);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
}

function toPolicy(file: string, text: string): LogPolicy {
  const parsed = parseLogPolicy(nodeCrypto, text);
  if (parsed.kind === 'ok') return parsed.policy;
  const where = parsed.line > 0 ? `${file} line ${parsed.line}` : file;
  throw new CliError('policy_malformed', `${where}: ${parsed.reason}`);
}
