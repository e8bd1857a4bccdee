/** Options of `tacho bucket`, and what they say about a bucket. */
import { type BucketMembers, type BucketWanted, parseStoreUrl } from '@tachograph/store';
import { type Command, InvalidArgumentError } from 'commander';
import { endpointOf } from '../archive/open-archive.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { collectOption, parseSecondsOption } from '../commands/option-parsers.ts';

export interface BucketOptions {
  readonly bucket?: string;
  readonly endpoint?: string;
  readonly location: string;
  readonly project?: string;
  readonly retention?: number;
  readonly purgeGrace?: number;
  readonly softDelete?: number;
  readonly lock?: boolean;
  readonly kmsKey?: string;
  readonly roleProject?: string;
  readonly controllerAccount?: string;
  readonly sequencerAccount?: string;
  readonly legalHoldAccount?: string;
  readonly purgerAccount?: string;
  readonly reader?: readonly string[];
  readonly json?: boolean;
}

/** Adds what `init` and `check` share. */
export function withBucketOptions(command: Command): Command {
  return command
    .option('--bucket <address>', 'gs://bucket[/prefix] (default: TACHO_BUCKET)')
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)')
    .option('--location <name>', 'region, dual-region or multi-region; fixed once the bucket exists', 'US')
    .option('--project <id>', 'project to create it in (default: that of the credentials)')
    .option('--retention <time>', 'how long nothing can be deleted, such as 90d or 7y', parseSecondsOption)
    .option('--purge-grace <time>', 'from there to deletion by the bucket itself (default: 30d)', parseSecondsOption)
    .option('--soft-delete <time>', 'how long deleted objects can be restored, 7d to 90d', parseSecondsOption)
    .option('--kms-key <name>', 'projects/…/cryptoKeys/…: encrypts new objects')
    .option('--lock', 'retention locked for ever')
    .option('--controller-account <email>', 'creates records, blobs and sessions', parseMember)
    .option('--sequencer-account <email>', 'creates the log and its keys', parseMember)
    .option('--legal-hold-account <email>', 'places and releases holds', parseMember)
    .option('--purger-account <email>', 'deletes what has expired', parseMember)
    .option('--reader <member>', 'reads everything; may be repeated', collectMember)
    .option('--role-project <id>', 'project of the custom roles (default: --project)')
    .option('--json', 'print as JSON');
}

function parseMember(text: string): string {
  if (/^[a-zA-Z]+:[^\s'"]+$/.test(text)) return text;
  if (/^[^\s'":]+@[^\s'":]+$/.test(text)) return `serviceAccount:${text}`;
  throw new InvalidArgumentError('expected an account such as writer@project.iam.gserviceaccount.com, or type:name');
}

function collectMember(text: string, before: readonly string[] = []): readonly string[] {
  return collectOption(parseMember(text), before);
}

/** Throws `CliError` `usage`. */
export function toWanted(context: CliContext, options: BucketOptions): BucketWanted {
  const address = options.bucket ?? context.env['TACHO_BUCKET'] ?? '';
  const location = address === '' ? undefined : parseStoreUrl(address);
  if (location?.kind !== 'gcs') throw new CliError('usage', 'expected --bucket gs://…, or TACHO_BUCKET');
  if (options.lock === true && options.retention === undefined) throw new CliError('usage', '--lock needs --retention');
  return {
    name: location.bucket,
    prefix: location.prefix,
    location: options.location,
    retentionSeconds: options.retention,
    purgeGraceSeconds: options.purgeGrace,
    softDeleteSeconds: options.softDelete,
    lock: options.lock,
    kmsKey: options.kmsKey,
    members: toMembers(options),
  };
}

function toMembers(options: BucketOptions): BucketMembers | undefined {
  const { controllerAccount, sequencerAccount, legalHoldAccount, purgerAccount, reader = [] } = options;
  const accounts = [controllerAccount, sequencerAccount, legalHoldAccount, purgerAccount];
  const named = accounts.filter((one) => one !== undefined);
  if (named.length === 0 && reader.length === 0) return undefined;
  const roleProject = options.roleProject ?? options.project;
  if (roleProject === undefined) throw new CliError('usage', 'custom roles need --project or --role-project');
  if (new Set(named).size < named.length)
    throw new CliError('usage', 'each account needs to be another: none may hold two roles');
  return {
    roleProject,
    controller: controllerAccount,
    sequencer: sequencerAccount,
    legalHold: legalHoldAccount,
    purger: purgerAccount,
    readers: reader,
  };
}

/** How the bucket is reached. */
export function connectionOf(
  context: CliContext,
  options: Pick<BucketOptions, 'endpoint' | 'project'>,
): { readonly apiEndpoint?: string; readonly projectId?: string } {
  const apiEndpoint = endpointOf(context, options.endpoint);
  return {
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    ...(options.project === undefined ? {} : { projectId: options.project }),
  };
}
