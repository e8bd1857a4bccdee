import {
  archiveRoles,
  type ArchiveRoleName,
  type BucketFinding,
  type BucketStep,
  type BucketWanted,
  checkBucket,
  checkCaller,
  ensureBucket,
  StoreError,
} from '@tachograph/store';
import { Option, type Command } from 'commander';
import { type BucketOptions, connectionOf, toWanted, withBucketOptions } from '../bucket/bucket-options.ts';
import { type Deviation, deviationsOf, worstExitCode } from '../bucket/deviation.ts';
import { toGcloud } from '../bucket/gcloud-text.ts';
import { toTerraform } from '../bucket/terraform-text.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { textTable } from '../text-table.ts';

interface InitOptions extends BucketOptions {
  readonly yesLock?: boolean;
  readonly dryRun?: boolean;
}

interface CheckOptions extends BucketOptions {
  readonly as?: ArchiveRoleName;
}

/** `tacho bucket init` and `tacho bucket check`. */
export function addBucketCommand(program: Command, context: CliContext): void {
  const bucket = program.command('bucket').description('Make or check an archive bucket');
  withBucketOptions(bucket.command('init').description('Create a bucket, or bring an existing one to what is wanted'))
    .option('--yes-lock', 'do not ask before locking')
    .option('--dry-run', 'do nothing; print what would be done, and the same as gcloud commands and as Terraform')
    .addHelpText('after', initHelp)
    .action(async (options: InitOptions) => init(context, options));
  withBucketOptions(bucket.command('check').description('Compare a bucket with what it should be; changes nothing'))
    .addOption(
      new Option('--as <role>', 'compare what these credentials may do with a role instead').choices(
        Object.keys(archiveRoles),
      ),
    )
    .addHelpText('after', checkHelp)
    .action(async (options: CheckOptions) => check(context, options));
}

const initHelp = `
A locked retention policy can never be shortened or removed, and the bucket cannot be deleted before every object's
retention has passed: locking is asked for twice. Custom roles are made by gcloud or Terraform (--dry-run prints both);
bindings are added, and nobody's access is taken away.

Exit codes: 0 as wanted; 1 something cannot be changed, or is left for you to decide; 64 usage.

Examples:
  tacho bucket init --bucket gs://my-recordings --location EUROPE-WEST4 --retention 7y --dry-run
  tacho bucket init --bucket gs://my-recordings --location EUROPE-WEST4 --retention 7y --lock \\
    --project p --controller-account writer@p.iam.gserviceaccount.com`;

const checkHelp = `
Every deviation has its own sentence and its own exit code; the command ends with the gravest:
  0  as wanted
  1  recordings could be lost, altered or read by strangers
  2  recordings are safe, but the bucket is not as ordered
  3  there is no such bucket

Examples:
  tacho bucket check --bucket gs://my-recordings --location EUROPE-WEST4 --retention 7y --lock
  tacho bucket check --bucket gs://my-recordings --as writer     # with the credentials of the writer`;

async function init(context: CliContext, options: InitOptions): Promise<void> {
  const wanted = toWanted(context, options);
  const dryRun = options.dryRun === true;
  if (wanted.lock === true && !dryRun && options.yesLock !== true) await confirmLock(context, wanted);
  const steps = await stepsOf(context, wanted, options);
  if (steps.some(({ kind }) => kind === 'refused' || kind === 'left')) context.exit(exitCodes.tampered);
  const plan = dryRun
    ? { gcloud: toGcloud(wanted, options.project), terraform: toTerraform(wanted, options.project) }
    : {};
  if (options.json === true) return printJson(context, { bucket: wanted.name, dryRun, steps, ...plan });
  if (steps.length > 0) context.out(textTable([['SETTING', 'WANTED', 'FOUND', 'DONE'], ...steps.map(stepRow)]));
  if (plan.gcloud !== undefined) context.out(`\n# ---- gcloud\n${plan.gcloud}\n# ---- Terraform\n${plan.terraform}`);
}

/** A dry run says what is to be done even where the bucket cannot be looked at. */
async function stepsOf(
  context: CliContext,
  wanted: BucketWanted,
  options: InitOptions,
): Promise<readonly BucketStep[]> {
  const dryRun = options.dryRun === true;
  try {
    return await ensureBucket({ ...wanted, dryRun }, connectionOf(context, options));
  } catch (error) {
    if (!dryRun || !(error instanceof StoreError)) throw error;
    context.err(`cannot look at the bucket (${error.message}): what follows is for a new one\n`);
    return [];
  }
}

function stepRow({ setting, want, got, kind }: BucketStep): string[] {
  return [setting, want, got, kind];
}

async function check(context: CliContext, options: CheckOptions): Promise<void> {
  const wanted = toWanted(context, options);
  if (options.as !== undefined) return checkAs(context, { ...options, name: wanted.name, as: options.as });
  const findings = await checkBucket({ ...wanted, readAccess: true }, connectionOf(context, options));
  const deviations = deviationsOf(findings);
  context.exit(worstExitCode(deviations));
  if (options.json === true) return printJson(context, { bucket: wanted.name, findings, deviations });
  context.out(textTable([['SETTING', 'WANTED', 'FOUND', ''], ...findings.map(findingRow)]));
  context.out(deviations.map(deviationLine).join(''));
}

function findingRow({ setting, want, got, ok }: BucketFinding): string[] {
  return [setting, want, got, ok ? 'ok' : 'WRONG'];
}

function deviationLine({ exitCode, setting, sentence }: Deviation): string {
  return `${exitCode} ${setting}: ${sentence}\n`;
}

async function checkAs(
  context: CliContext,
  { name, as, ...options }: CheckOptions & { readonly name: string; readonly as: ArchiveRoleName },
): Promise<void> {
  const { missing, beyond } = await checkCaller({ name, role: as }, connectionOf(context, options));
  const code = beyond.length > 0 ? exitCodes.tampered : missing.length > 0 ? exitCodes.incomplete : exitCodes.ok;
  context.exit(code);
  if (options.json === true) return printJson(context, { bucket: name, role: as, missing, beyond });
  if (beyond.length > 0) context.out(`1 these credentials may do more than a ${as}: ${beyond.join(', ')}\n`);
  if (missing.length > 0) context.out(`2 these credentials may not do what a ${as} must: ${missing.join(', ')}\n`);
  if (code === exitCodes.ok) context.out(`these credentials may do what a ${as} may, and nothing more\n`);
}

/** Asked twice, the second time for the bucket's name: nothing undoes it. */
async function confirmLock(context: CliContext, { name, retentionSeconds }: BucketWanted): Promise<void> {
  const { ask } = context;
  if (ask === undefined) throw new CliError('usage', 'locking needs a terminal to ask on, or --yes-lock');
  const first = await ask(
    `Lock retention of ${retentionSeconds ?? 0} s on ${name}? It can never be shortened. [yes/no] `,
  );
  const second = first === 'yes' ? await ask(`Type the bucket's name to lock it: `) : '';
  if (second !== name) throw new CliError('usage', 'not locked');
}
