import { EmulatorError } from './emulator-error.ts';
import { type Fields, parseFields } from './json-fields.ts';

/** The IAM permissions that the emulated methods need. */
export const permissions = [
  'storage.buckets.create',
  'storage.buckets.delete',
  'storage.buckets.enableObjectRetention',
  'storage.buckets.get',
  'storage.buckets.getIamPolicy',
  'storage.buckets.list',
  'storage.buckets.setIamPolicy',
  'storage.buckets.update',
  'storage.objects.create',
  'storage.objects.delete',
  'storage.objects.get',
  'storage.objects.list',
  'storage.objects.overrideUnlockedRetention',
  'storage.objects.restore',
  'storage.objects.setRetention',
  'storage.objects.update',
] as const;
export type Permission = (typeof permissions)[number];

const objects = (...verbs: string[]): Permission[] =>
  permissions.filter((permission) => verbs.includes(permission.replace('storage.objects.', '')));

/** Named permission sets: Google's predefined roles by their last part, and this project's own five. */
const roles: Readonly<Record<string, readonly Permission[]>> = {
  objectCreator: objects('create'),
  objectViewer: objects('get', 'list'),
  objectUser: objects('create', 'delete', 'get', 'list', 'update'),
  objectAdmin: permissions.filter((permission) => permission.startsWith('storage.objects.')),
  admin: permissions,
  writer: objects('create', 'get', 'list'),
  reader: [...objects('get', 'list'), 'storage.buckets.get'],
  legalHold: objects('get', 'list', 'update'),
  purger: objects('delete', 'get', 'list'),
  provisioner: permissions.filter((permission) => permission.startsWith('storage.buckets.')),
};

interface Grant {
  readonly permissions: readonly Permission[];
  readonly bucket: string | undefined;
  /** An IAM condition on the object's name; it never matches bucket-level permissions. */
  readonly objectPrefix: string | undefined;
}

/** Who may do what. `overwriteCheck` says which refusal a creator without delete gets for a taken name. */
export interface IamPolicy {
  readonly principals: ReadonlyMap<string, readonly Grant[]>;
  readonly anonymous: readonly Grant[];
  readonly overwriteCheck: 'precondition-first' | 'permission-first';
}

/** One request's principal. */
export interface Caller {
  can(permission: Permission, bucket?: string, object?: string): boolean;
  /** Whether it is granted on the bucket for any name, as `testIamPermissions` tells. */
  holds(permission: Permission, bucket: string): boolean;
  /** Throws 403 `forbidden`, or 401 for an anonymous caller, when the permission is missing. */
  require(permission: Permission, bucket?: string, object?: string): void;
  readonly overwriteCheck: IamPolicy['overwriteCheck'];
}

const everybody: Caller = {
  can: () => true,
  holds: () => true,
  require: () => undefined,
  overwriteCheck: 'precondition-first',
};

/** Resolves an `Authorization` header; without a policy everything is permitted to everybody. */
export function toCaller(policy: IamPolicy | undefined, authorization: string | undefined): Caller {
  if (policy === undefined) return everybody;
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  const grants = token === undefined ? policy.anonymous : policy.principals.get(token);
  if (grants === undefined) throw new EmulatorError('authError', 'Invalid Credentials', { location: 'Authorization' });
  const who = token === undefined ? 'Anonymous caller' : token;
  const can: Caller['can'] = (permission, bucket, object) =>
    grants.some((grant) => grant.permissions.includes(permission) && covers(grant, bucket, object));
  return {
    can,
    holds: (permission, bucket) =>
      grants.some((grant) => grant.permissions.includes(permission) && covers(grant, bucket, grant.objectPrefix)),
    overwriteCheck: policy.overwriteCheck,
    require(permission, bucket, object) {
      if (!can(permission, bucket, object)) throw denied(who, permission, token === undefined);
    },
  };
}

function covers(grant: Grant, bucket: string | undefined, object: string | undefined): boolean {
  if (grant.bucket !== undefined && grant.bucket !== bucket) return false;
  return grant.objectPrefix === undefined || (object?.startsWith(grant.objectPrefix) ?? false);
}

function denied(who: string, permission: Permission, anonymous: boolean): EmulatorError {
  const what = permission.startsWith('storage.buckets.') ? 'bucket' : 'object';
  const message = `${who} does not have ${permission} access to the Google Cloud Storage ${what}. Permission '${permission}' denied on resource (or it may not exist).`;
  return anonymous ? new EmulatorError('required', message, { status: 401 }) : new EmulatorError('forbidden', message);
}

/** Reads the policy file: `{principals: {<token>: [grant]}, anonymous?: [grant], overwriteCheck?}`. */
export function parseIamPolicy(value: unknown): IamPolicy {
  const { principals, anonymous, overwriteCheck, ...unknown } = parseFields(value, 'policy');
  refuseUnknown(unknown, 'policy');
  if (
    overwriteCheck !== undefined &&
    overwriteCheck !== 'permission-first' &&
    overwriteCheck !== 'precondition-first'
  ) {
    throw new EmulatorError('invalid', 'overwriteCheck: expected precondition-first or permission-first');
  }
  const entries = Object.entries(parseFields(principals ?? {}, 'principals'));
  return {
    principals: new Map(entries.map(([token, grants]) => [token, parseGrants(grants, token)])),
    anonymous: parseGrants(anonymous ?? [], 'anonymous'),
    overwriteCheck: overwriteCheck ?? 'precondition-first',
  };
}

function parseGrants(value: unknown, where: string): Grant[] {
  if (!Array.isArray(value)) throw new EmulatorError('invalid', `${where}: expected a list of grants`);
  return value.map((item) => {
    const { role, permissions: listed, bucket, objectPrefix, ...unknown } = parseFields(item, where);
    refuseUnknown(unknown, where);
    return {
      permissions: role === undefined ? parsePermissions(listed, where) : parseRole(role, where),
      bucket: parseOptionalText(bucket, `${where}.bucket`),
      objectPrefix: parseOptionalText(objectPrefix, `${where}.objectPrefix`),
    };
  });
}

function parseRole(value: unknown, where: string): readonly Permission[] {
  const found = typeof value === 'string' && Object.hasOwn(roles, value) ? roles[value] : undefined;
  if (found === undefined)
    throw new EmulatorError('invalid', `${where}: expected a role of ${Object.keys(roles).join(', ')}`);
  return found;
}

function parsePermissions(value: unknown, where: string): Permission[] {
  if (!Array.isArray(value)) throw new EmulatorError('invalid', `${where}: expected role or permissions`);
  return value.map((item) => {
    const full = typeof item === 'string' && !item.startsWith('storage.') ? `storage.${item}` : item;
    const found = permissions.find((permission) => permission === full);
    if (found === undefined) throw new EmulatorError('invalid', `${where}: unknown permission ${String(item)}`);
    return found;
  });
}

function parseOptionalText(value: unknown, where: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new EmulatorError('invalid', `${where}: expected text`);
}

function refuseUnknown(unknown: Fields, where: string): void {
  const [name] = Object.keys(unknown);
  if (name !== undefined) throw new EmulatorError('invalid', `${where}: unknown field ${name}`);
}
