/** A bucket and its access as commands of `gcloud`: what `tacho bucket init` does, for people who must do it themselves. */
import { accessBindings, archiveRoles, type BucketWanted, expiryRules } from '@tachograph/store';

/** A shell script; nothing in it locks before everything else is in place. */
export function toGcloud(wanted: BucketWanted, project: string | undefined): string {
  const { name } = wanted;
  const steps = [
    ...create(wanted, project),
    `gcloud storage buckets update gs://${name} --versioning`,
    ...lifecycle(wanted),
    ...access(wanted),
    ...(wanted.lock === true
      ? [
          '# For ever: the retention period can only grow, and the bucket stays until its last object may go.',
          `gcloud storage buckets update gs://${name} --lock-retention-period`,
        ]
      : []),
  ];
  return `${['#!/bin/bash', 'set -euo pipefail', ...steps].join('\n')}\n`;
}

function create({ name, location, softDeleteSeconds, retentionSeconds, kmsKey }: BucketWanted, project?: string) {
  const flags = [
    ...(project === undefined ? [] : [`--project=${quoted(project)}`]),
    `--location=${quoted(location)}`,
    '--uniform-bucket-level-access',
    '--public-access-prevention',
    `--soft-delete-duration=${softDeleteSeconds ?? 604_800}s`,
    ...(retentionSeconds === undefined ? [] : [`--retention-period=${retentionSeconds}s`]),
    ...(kmsKey === undefined ? [] : [`--default-encryption-key=${quoted(kmsKey)}`]),
  ];
  return [command(`gcloud storage buckets create gs://${name}`, flags)];
}

function lifecycle(wanted: BucketWanted): readonly string[] {
  const rules = expiryRules(wanted);
  if (rules.length === 0) return [];
  const json = JSON.stringify({ lifecycle: { rule: rules } }, null, 2);
  return [
    `gcloud storage buckets update gs://${wanted.name} --lifecycle-file=/dev/stdin <<'LIFECYCLE'\n${json}\nLIFECYCLE`,
  ];
}

function access({ name, prefix = '', members }: BucketWanted): readonly string[] {
  if (members === undefined) return [];
  const bindings = accessBindings({ bucket: name, prefix }, members);
  const roles = Object.values(archiveRoles).filter(({ id }) => bindings.some(({ role }) => role.endsWith(`/${id}`)));
  return [
    ...roles.map(({ id, title, permissions }) =>
      command(`gcloud iam roles create ${id}`, [
        `--project=${quoted(members.roleProject)}`,
        `--title=${quoted(title)}`,
        `--permissions=${permissions.join(',')}`,
        '--stage=GA',
      ]),
    ),
    ...bindings.map(({ role, member, title, expression }) =>
      command(`gcloud storage buckets add-iam-policy-binding gs://${name}`, [
        `--member=${quoted(member)}`,
        `--role=${quoted(role)}`,
        // A delimiter of its own, because the expression could hold any other.
        ...(expression === undefined
          ? []
          : [`--condition=${quoted(`^~^title=${title ?? ''}~expression=${expression}`)}`]),
      ]),
    ),
  ];
}

function command(start: string, flags: readonly string[]): string {
  return [start, ...flags].join(' \\\n  ');
}

/** One word of a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
