/** A bucket and its access as Terraform, for the provider `hashicorp/google`. */
import { accessBindings, archiveRoles, type BucketWanted, expiryRules } from '@tachograph/store';

/** Resources of one archive bucket. Locking in Terraform is as final as anywhere. */
export function toTerraform(wanted: BucketWanted, project: string | undefined): string {
  return [bucketOf(wanted, project), ...accessOf(wanted)].join('\n');
}

/** Attribute of another resource: what must exist first. */
interface Reference {
  readonly reference: string;
}
type Value = string | number | boolean | readonly string[] | Reference;
interface Block {
  readonly head: string;
  readonly body: readonly (readonly [string, Value] | Block)[];
}

function bucketOf(wanted: BucketWanted, project: string | undefined): string {
  const { name, location, softDeleteSeconds, retentionSeconds, kmsKey, lock } = wanted;
  return render({
    head: 'resource "google_storage_bucket" "archive"',
    body: [
      ['name', name],
      ...(project === undefined ? [] : [['project', project] as const]),
      ['location', location],
      ['uniform_bucket_level_access', true],
      ['public_access_prevention', 'enforced'],
      ['force_destroy', false],
      { head: 'versioning', body: [['enabled', true]] },
      { head: 'soft_delete_policy', body: [['retention_duration_seconds', softDeleteSeconds ?? 604_800]] },
      ...(retentionSeconds === undefined
        ? []
        : [
            {
              head: 'retention_policy',
              body: [
                ['retention_period', retentionSeconds],
                ['is_locked', lock === true],
              ],
            } as const,
          ]),
      ...(kmsKey === undefined ? [] : [{ head: 'encryption', body: [['default_kms_key_name', kmsKey]] } as const]),
      ...expiryRules(wanted).map(({ action, condition }): Block => ({
        head: 'lifecycle_rule',
        body: [
          { head: 'action', body: [['type', action.type]] },
          {
            head: 'condition',
            body: [
              ['age', condition.age],
              ['with_state', condition.isLive ? 'LIVE' : 'ARCHIVED'],
              ['matches_prefix', condition.matchesPrefix],
            ],
          },
        ],
      })),
    ],
  });
}

function accessOf({ name, prefix = '', members }: BucketWanted): readonly string[] {
  if (members === undefined) return [];
  const bindings = accessBindings({ bucket: name, prefix }, members);
  const roles = Object.values(archiveRoles).filter(({ id }) => bindings.some(({ role }) => role.endsWith(`/${id}`)));
  return [
    ...roles.map(({ id, title, permissions }) =>
      render({
        head: `resource "google_project_iam_custom_role" "${id}"`,
        body: [
          ['project', members.roleProject],
          ['role_id', id],
          ['title', title],
          ['permissions', permissions],
        ],
      }),
    ),
    ...bindings.map(({ role, member, title, expression }, at) =>
      render({
        head: `resource "google_storage_bucket_iam_member" "archive_${at + 1}"`,
        body: [
          ['bucket', { reference: 'google_storage_bucket.archive.name' }],
          ['role', roleOf(role)],
          ['member', member],
          ...(expression === undefined
            ? []
            : [
                {
                  head: 'condition',
                  body: [
                    ['title', title ?? ''],
                    ['expression', expression],
                  ],
                } as const,
              ]),
        ],
      }),
    ),
  ];
}

/** Custom roles by reference, so that they are made before they are given. */
function roleOf(role: string): Value {
  const custom = Object.values(archiveRoles).find(({ id }) => role.endsWith(`/roles/${id}`));
  return custom === undefined ? role : { reference: `google_project_iam_custom_role.${custom.id}.id` };
}

function render(block: Block, indent = ''): string {
  const inner = `${indent}  `;
  const lines = block.body.map((part) =>
    'head' in part ? render(part, inner) : `${inner}${part[0]} = ${text(part[1])}\n`,
  );
  return `${indent}${block.head} {\n${lines.join('')}${indent}}\n`;
}

function text(value: Value): string {
  if (typeof value === 'object')
    return 'reference' in value ? value.reference : `[${value.map((one) => text(one)).join(', ')}]`;
  // `${` and `%{` would begin a template.
  return typeof value === 'string' ? JSON.stringify(value).replaceAll(/([$%])\{/g, '$1$1{') : String(value);
}
