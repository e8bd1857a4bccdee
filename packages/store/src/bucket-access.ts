import type { BucketFinding } from './bucket-findings.ts';

/** A custom role of the archive. None of them holds `objects.setRetention` or anything of the bucket itself. */
export interface ArchiveRole {
  readonly id: string;
  readonly title: string;
  readonly permissions: readonly string[];
}

/** `writer` creates, `legalHold` sets holds, `purger` deletes what has expired: no account is given two of them. */
export const archiveRoles = {
  writer: {
    id: 'tachographWriter',
    title: 'Tachograph writer',
    permissions: ['storage.objects.create', 'storage.objects.get', 'storage.objects.list'],
  },
  legalHold: {
    id: 'tachographLegalHold',
    title: 'Tachograph legal hold',
    permissions: ['storage.objects.get', 'storage.objects.list', 'storage.objects.update'],
  },
  purger: {
    id: 'tachographPurger',
    title: 'Tachograph purger',
    permissions: ['storage.objects.delete', 'storage.objects.get', 'storage.objects.list'],
  },
} as const satisfies Readonly<Record<string, ArchiveRole>>;

/** Name of a custom role. */
export type ArchiveRoleName = keyof typeof archiveRoles;

/** Who uses the bucket: IAM members such as `serviceAccount:x@p.iam.gserviceaccount.com`. */
export interface BucketMembers {
  /** Project in which the custom roles are defined. */
  readonly roleProject: string;
  readonly controller?: string | undefined;
  readonly sequencer?: string | undefined;
  readonly legalHold?: string | undefined;
  readonly purger?: string | undefined;
  readonly readers?: readonly string[] | undefined;
}

/** One wanted binding; `expression`: the names for which it holds, absent for all. */
export interface AccessBinding {
  readonly role: string;
  readonly member: string;
  readonly title?: string;
  readonly expression?: string;
}

/** A bucket's IAM policy, as far as it is compared. */
export interface FoundPolicy {
  readonly bindings?: readonly {
    readonly role: string;
    readonly members?: readonly string[] | undefined;
    readonly condition?: { readonly expression?: string | undefined } | undefined;
  }[];
}

const evidence = ['v1/records/', 'v1/blobs/', 'v1/sessions/'] as const;
const log = ['v1/log/', 'v1/keys/'] as const;
const viewer = 'roles/storage.objectViewer';

/** Resource name of a custom role. */
export function roleName(role: ArchiveRoleName, project: string): string {
  return `projects/${project}/roles/${archiveRoles[role].id}`;
}

/** Every binding that the parts of an installation need on its bucket (`archive.md` §4, Principals). */
export function accessBindings(
  at: { readonly bucket: string; readonly prefix: string },
  members: BucketMembers,
): readonly AccessBinding[] {
  const ofEvidence = { title: 'records-blobs-sessions', expression: conditionOf(at, evidence) };
  const ofLog = { title: 'log-keys', expression: conditionOf(at, log) };
  const bind = (member: string | undefined, role: ArchiveRoleName, condition: typeof ofLog): readonly AccessBinding[] =>
    member === undefined ? [] : [{ role: roleName(role, members.roleProject), member, ...condition }];
  const readers = [members.controller, members.sequencer, ...(members.readers ?? [])];
  return [
    ...bind(members.controller, 'writer', ofEvidence),
    ...bind(members.sequencer, 'writer', ofLog),
    ...bind(members.legalHold, 'legalHold', ofEvidence),
    ...bind(members.purger, 'purger', ofEvidence),
    ...readers.flatMap((member) => (member === undefined ? [] : [{ role: viewer, member } satisfies AccessBinding])),
  ];
}

/** Listing asks about the bucket, everything else about one object. */
function conditionOf({ bucket, prefix }: { bucket: string; prefix: string }, names: readonly string[]): string {
  const objects = names.map(
    (name) => `resource.name.startsWith("projects/_/buckets/${bucket}/objects/${prefix}${name}")`,
  );
  return ['resource.type != "storage.googleapis.com/Object"', ...objects].join(' || ');
}

/** Predefined roles that let their holder delete, replace or alter objects, or change the bucket. */
const powerful: ReadonlySet<string> = new Set([
  'roles/owner',
  'roles/editor',
  'roles/storage.admin',
  'roles/storage.objectAdmin',
  'roles/storage.objectUser',
  'roles/storage.folderAdmin',
  'roles/storage.legacyBucketOwner',
  'roles/storage.legacyBucketWriter',
  'roles/storage.legacyObjectOwner',
]);
const publicMembers: ReadonlySet<string> = new Set(['allUsers', 'allAuthenticatedUsers']);

/**
 * Compares the bucket's own IAM policy. What project, folder or organization grant is not in it, and what a foreign
 * custom role permits cannot be read here: it is named.
 */
export function judgeAccess(found: FoundPolicy, wanted: readonly AccessBinding[]): readonly BucketFinding[] {
  const held = grantsOf(found);
  const ours = new Set(wanted.map(keyOf));
  const open = held.filter(({ member }) => publicMembers.has(member));
  const strong = held.filter((one) => powerful.has(one.role) || (isCustom(one.role) && !ours.has(keyOf(one))));
  const missing = missingBindings(found, wanted);
  return [
    list('public-members', 'nobody', open),
    list('powerful-members', 'nobody', strong),
    ...(wanted.length === 0 ? [] : [list('bindings', `${wanted.length} bindings`, missing, 'missing: ')]),
  ];
}

/** Wanted bindings that nobody has given. */
export function missingBindings(found: FoundPolicy, wanted: readonly AccessBinding[]): readonly AccessBinding[] {
  const there = new Set(grantsOf(found).map(keyOf));
  return wanted.filter((one) => !there.has(keyOf(one)));
}

function grantsOf(found: FoundPolicy) {
  return (found.bindings ?? []).flatMap(({ role, members = [], condition }) =>
    members.map((member) => ({ role, member, expression: condition?.expression })),
  );
}

function list(
  setting: BucketFinding['setting'],
  want: string,
  wrong: readonly { readonly role: string; readonly member: string }[],
  before = '',
): BucketFinding {
  const got = wrong.map(({ role, member }) => `${member} (${role})`).join(', ');
  return { setting, ok: wrong.length === 0, want, got: wrong.length === 0 ? want : before + got };
}

function isCustom(role: string): boolean {
  return /^(?:projects|organizations)\//.test(role);
}

function keyOf({
  role,
  member,
  expression,
}: {
  role: string;
  member: string;
  expression?: string | undefined;
}): string {
  return JSON.stringify([role, member, expression ?? '']);
}
