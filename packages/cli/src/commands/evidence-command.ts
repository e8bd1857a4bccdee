import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifyReport } from '@tachograph/archive';
import { parseStoreUrl } from '@tachograph/store';
import { Argument, type Command } from 'commander';
import { openArchive } from '../archive/open-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { openController, withControllerOptions } from '../controller/controller-options.ts';
import { type Framework, frameworks } from '../evidence/criteria.ts';
import { parsePeriod } from '../evidence/evidence-period.ts';
import { type EvidenceOutcome, runEvidence } from '../evidence/evidence-run.ts';
import { registerExport } from '../evidence/register-export.ts';
import { createProgressBar } from '../progress-bar.ts';
import { runVerification } from '../verify/run-verification.ts';
import { readPolicy, readSignKey } from '../verify/verify-inputs.ts';
import { programVersion } from '../version.ts';
import { type EvidenceCommandOptions, lockStateOf, readMatrix, readPlatform } from './evidence-inputs.ts';
import { collectOption } from './option-parsers.ts';
import { withVerificationOptions } from './verification-options.ts';

const help = `
The archive is verified first, with the same exit codes as tacho verify: 0 verified; 1 tampered; 2 incomplete, but
explained; 3 inputs are missing. After 1 and 3 nothing is written, unless --allow-unverified, which marks every file.

What is exported is what the newest checkpoint covers. A day given as --to is included.

Examples:
  tacho evidence soc2 --from 2026-10-01 --to 2026-12-31 --archive gs://my-recordings --policy policy.txt --out q4
  tacho evidence pci --from 2026-11-01 --to 2026-11-30 --archive november --policy policy.txt --out november-pci \\
    --mcp-policy policies.yaml --principals staff.yaml --servers servers.yaml --bucket-check bucket.json
  tacho evidence hipaa --from 2026-11-01 --to 2026-11-30 --archive november --policy policy.txt --out e \\
    --register --reason "audit 2026-17"`;

/** `tacho evidence`: what auditors ask for, out of a verified archive. */
export function addEvidenceCommand(program: Command, context: CliContext): void {
  const command = program
    .command('evidence')
    .description('Export what auditors ask for, out of a verified archive')
    .addArgument(new Argument('<framework>', 'whose criteria are named').choices([...frameworks]))
    .requiredOption('--from <time>', 'from this day or RFC 3339 time on')
    .requiredOption('--to <time>', 'up to this day, included, or until before this time')
    .option('--archive <address>', 'gs://bucket[/prefix] or a pulled directory (default: TACHO_BUCKET)')
    .requiredOption('--out <dir>', 'a new or empty directory')
    .option('--only-namespace <name>', 'only the servers of one namespace')
    .option(
      '--mcp-policy <file>',
      'policies for the access-control matrix, as tacho policy matrix takes them',
      collectOption,
    )
    .option('--policy-namespace <name>', 'namespace of policies that name none', 'default')
    .option('--principals <file>', 'callers for the matrix')
    .option('--servers <file>', 'servers for the matrix')
    .option('--cluster <name>', 'cluster of those servers', 'local')
    .option(
      '--bucket-check <file>',
      'what tacho bucket check --json printed (a bucket as --archive is asked otherwise)',
    )
    .option(
      '--rbac <file>',
      'what kubectl get clusterroles,roles,clusterrolebindings,rolebindings -A -o json printed, for the matrix',
    )
    .option('--ask-cluster', 'ask the cluster of --kubeconfig for its roles and bindings instead')
    .option(
      '--iam <file>',
      'what gcloud storage buckets get-iam-policy --format=json printed (a bucket as --archive is asked otherwise)',
    )
    .option('--allow-unverified', 'write although verification failed; every file is marked')
    .option('--sign-key <file>', 'sign the index: Ed25519 private key, PKCS8 PEM')
    .option('--register', 'make the export a leaf of the log, through the controller')
    .option('--reason <text>', 'why it is exported, with --register')
    .option('--json', 'print the index');
  withControllerOptions(withVerificationOptions(command))
    .addHelpText('after', help)
    .action(async (framework: Framework, options: EvidenceCommandOptions) => evidence(context, framework, options));
}

async function evidence(context: CliContext, framework: Framework, options: EvidenceCommandOptions): Promise<void> {
  if (options.register === true && options.reason === undefined)
    throw new CliError('usage', '--register needs --reason');
  // A key signs the index here; the verification alone writes no report.
  const { signKey, ...verification } = options;
  const { endpoint, archive: address, onlyNamespace } = options;
  const opened = openArchive(context, {
    ...(address === undefined ? {} : { bucket: address }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  await refuseFile(opened.address);
  const bar = createProgressBar(context);
  try {
    const outcome = await runEvidence({
      framework,
      period: parsePeriod(options.from, options.to),
      namespace: onlyNamespace,
      store: opened.store,
      verify: async () => runVerification(context, opened.address, verification),
      archive: opened.address,
      policy: (await readPolicy(options.policy, options.witnessPolicy)).policy,
      matrix: await readMatrix(options),
      platform: await readPlatform(context, options, opened.address),
      lockState: await lockStateOf(context, options, opened),
      out: options.out,
      allowUnverified: options.allowUnverified === true,
      signKey: signKey === undefined ? undefined : await readSignKey(signKey),
      madeAt: new Date(context.nowMs()).toISOString(),
      version: programVersion(),
      progress: ({ phase, done, total }) => bar.update(done, total, phase),
    });
    bar.stop();
    await finish(context, options, outcome);
  } finally {
    bar.stop();
  }
}

/** `tacho verify` takes the zip of one session; that is no archive of a period. */
async function refuseFile(address: string): Promise<void> {
  const location = parseStoreUrl(address);
  const found = location.kind === 'directory' ? await stat(location.path).catch(() => undefined) : undefined;
  if (found?.isFile() === true) throw new CliError('usage', `${address} is a file: expected a bucket or a directory`);
}

async function finish(context: CliContext, options: EvidenceCommandOptions, outcome: EvidenceOutcome): Promise<void> {
  const { report } = outcome;
  context.exit(report.exitCode);
  if (outcome.kind === 'refused') return context.err(refusalText(report));
  const { index, indexSha256 } = outcome;
  if (options.register === true) {
    const client = await openController(context, options);
    const registered = await registerExport(client, index, { sha256: indexSha256, reason: options.reason ?? '' });
    await writeFile(
      join(options.out, 'registered.json'),
      `${JSON.stringify({ ...registered, sha256: indexSha256 })}\n`,
    );
    context.err(`registered as export ${registered.export}\n`);
  }
  if (options.json === true) return printJson(context, index);
  return context.out(
    `${index.mark}\n${index.files.length} files in ${options.out}; index.json has SHA-256 ${indexSha256}\n`,
  );
}

function refusalText({ text, findings }: VerifyReport): string {
  const counts = Object.entries(findings).map(([severity, count]) => `${count} ${severity}`);
  return `nothing written: ${text} (${counts.join(', ')}). See tacho verify, or give --allow-unverified\n`;
}
