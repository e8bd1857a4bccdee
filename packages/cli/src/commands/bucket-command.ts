import {
  type BucketFinding,
  type BucketStep,
  type BucketWanted,
  checkBucket,
  ensureBucket,
  parseStoreUrl,
} from '@tachograph/store';
import type { Command } from 'commander';
import { endpointOf } from '../archive/open-archive.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { textTable } from '../text-table.ts';
import { parseSecondsOption } from './option-parsers.ts';

interface BucketOptions {
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly location: string;
  readonly project?: string;
  readonly retention?: number;
  readonly softDelete?: number;
  readonly lock?: boolean;
  readonly json?: boolean;
}

interface InitOptions extends BucketOptions {
  readonly yesLock?: boolean;
  readonly dryRun?: boolean;
}

/** `tacho bucket init` and `tacho bucket check`. */
export function addBucketCommand(program: Command, context: CliContext): void {
  const bucket = program.command('bucket').description('Make or check an archive bucket');
  addSharedOptions(bucket.command('init').description('Create a bucket, or bring an existing one to what is wanted'))
    .option('--yes-lock', 'do not ask before locking')
    .option('--dry-run', 'say what would be done, do nothing')
    .addHelpText(
      'after',
      `
A locked retention policy can never be shortened or removed, and the bucket cannot be deleted before every object's
retention has passed: locking is asked for twice.

Examples:
  tacho bucket init --bucket gs://my-recordings --location EUROPE-WEST4 --retention 7y --dry-run
  tacho bucket init --bucket gs://my-recordings --location EUROPE-WEST4 --retention 7y --lock`,
    )
    .action(async (options: InitOptions) => init(context, options));
  addSharedOptions(bucket.command('check').description('Compare a bucket with what it should be; changes nothing'))
    .addHelpText(
      'after',
      `
Exit codes: 0 as wanted; 1 not.

Examples:
  tacho bucket check --bucket gs://my-recordings --location EUROPE-WEST4 --retention 7y --lock`,
    )
    .action(async (options: BucketOptions) => check(context, options));
}

function addSharedOptions(command: Command): Command {
  return command
    .option('--bucket <address>', 'gs://bucket (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--location <name>', 'region, dual-region or multi-region; fixed once the bucket exists', 'US')
    .option('--project <id>', 'project to create it in (default: that of the credentials)')
    .option('--retention <time>', 'how long nothing can be deleted, such as 90d or 7y', parseSecondsOption)
    .option('--soft-delete <time>', 'how long deleted objects can be restored, 7d to 90d', parseSecondsOption)
    .option('--lock', 'retention locked for ever')
    .option('--json', 'print as JSON');
}

async function init(context: CliContext, options: InitOptions): Promise<void> {
  const wanted = toWanted(context, options);
  const dryRun = options.dryRun === true;
  if (wanted.lock === true && !dryRun && options.yesLock !== true) await confirmLock(context, wanted);
  const steps = await ensureBucket({ ...wanted, dryRun }, connectionOf(context, options));
  if (steps.some(({ kind }) => kind === 'refused')) context.exit(exitCodes.tampered);
  if (options.json === true) return printJson(context, { bucket: wanted.name, dryRun, steps });
  context.out(textTable([['SETTING', 'WANTED', 'FOUND', 'DONE'], ...steps.map(stepRow)]));
}

function stepRow({ setting, want, got, kind }: BucketStep): string[] {
  return [setting, want, got, kind];
}

async function check(context: CliContext, options: BucketOptions): Promise<void> {
  const wanted = toWanted(context, options);
  const findings = await checkBucket(wanted, connectionOf(context, options));
  if (findings.some(({ ok }) => !ok)) context.exit(exitCodes.tampered);
  if (options.json === true) return printJson(context, { bucket: wanted.name, findings });
  context.out(textTable([['SETTING', 'WANTED', 'FOUND', ''], ...findings.map(findingRow)]));
}

function findingRow({ setting, want, got, ok }: BucketFinding): string[] {
  return [setting, want, got, ok ? 'ok' : 'WRONG'];
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

function toWanted(context: CliContext, options: BucketOptions): BucketWanted {
  const address = options.bucket ?? context.env['TACHO_BUCKET'] ?? '';
  const location = address === '' ? undefined : parseStoreUrl(address);
  if (location?.kind !== 'gcs') throw new CliError('usage', 'expected --bucket gs://…, or TACHO_BUCKET');
  if (options.lock === true && options.retention === undefined) throw new CliError('usage', '--lock needs --retention');
  return {
    name: location.bucket,
    location: options.location,
    retentionSeconds: options.retention,
    softDeleteSeconds: options.softDelete,
    lock: options.lock,
  };
}

function connectionOf(context: CliContext, options: BucketOptions): { apiEndpoint?: string; projectId?: string } {
  const apiEndpoint = endpointOf(context, options.endpoint);
  return {
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    ...(options.project === undefined ? {} : { projectId: options.project }),
  };
}
