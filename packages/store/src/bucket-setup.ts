import type { BucketMetadata, CreateBucketRequest, Policy } from '@google-cloud/storage';

import {
  type AccessBinding,
  type ArchiveRoleName,
  type FoundPolicy,
  accessBindings,
  archiveRoles,
  judgeAccess,
  missingBindings,
} from './bucket-access.ts';
import {
  type BucketFinding,
  type BucketSetting,
  type BucketWanted,
  judgeBucket,
  wantedSoftDelete,
} from './bucket-findings.ts';
import { lifecycleSetting } from './bucket-lifecycle.ts';
import { type GcsConnection, type LazyBucket, defaultTimeoutMs, lazyBucket } from './gcs-connection.ts';
import { toGcsFailure, toStoreError } from './gcs-failure.ts';
import { StoreError } from './store-error.ts';
import { withTimeout } from './timeout.ts';

/**
 * One setting after `ensureBucket`. `refused`: it cannot be changed on this bucket. `planned`: a dry run. `left`: who has
 * other access is for people to decide.
 */
export interface BucketStep extends Omit<BucketFinding, 'ok'> {
  readonly kind: 'kept' | 'planned' | 'changed' | 'refused' | 'left';
}

/** Looks at a bucket and changes nothing; rejects with `no_bucket` when there is none. */
export async function checkBucket(
  wanted: BucketWanted,
  connection: GcsConnection = {},
): Promise<readonly BucketFinding[]> {
  const setup = new BucketSetup(wanted, connection);
  const found = await setup.read();
  if (found === undefined) throw new StoreError('no_bucket', `check ${wanted.name}: the bucket does not exist`);
  return [...judgeBucket(found, wanted), ...(await judgePolicy(setup, wanted))];
}

function isAccessCompared({ members, readAccess }: BucketWanted): boolean {
  return members !== undefined || readAccess === true;
}

function bindingsOf({ name, prefix = '', members }: BucketWanted): readonly AccessBinding[] {
  return members === undefined ? [] : accessBindings({ bucket: name, prefix }, members);
}

async function judgePolicy(setup: BucketSetup, wanted: BucketWanted): Promise<readonly BucketFinding[]> {
  return isAccessCompared(wanted) ? judgeAccess(await setup.readPolicy(), bindingsOf(wanted)) : [];
}

/** Whether the caller's own credentials hold exactly the permissions on objects that a role has; changes nothing. */
export async function checkCaller(
  wanted: { readonly name: string; readonly role: ArchiveRoleName },
  connection: GcsConnection = {},
): Promise<{ readonly missing: readonly string[]; readonly beyond: readonly string[] }> {
  const asked = [...objectPermissions, ...bucketPermissions];
  const setup = new BucketSetup({ name: wanted.name, location: '' }, connection);
  const held = await setup.heldPermissions(asked);
  const due: readonly string[] = archiveRoles[wanted.role].permissions;
  return {
    missing: due.filter((one) => !held.has(one)),
    beyond: asked.filter((one) => held.has(one) && !due.includes(one)),
  };
}

const objectPermissions = [
  'create',
  'delete',
  'get',
  'list',
  'update',
  'setRetention',
  'overrideUnlockedRetention',
].map((verb) => `storage.objects.${verb}`);
const bucketPermissions = ['storage.buckets.delete', 'storage.buckets.setIamPolicy', 'storage.buckets.update'];

/**
 * Creates a bucket, or brings an existing one to what is wanted, and says what it did (or with `dryRun` would do).
 * The lock comes last, bound to the metageneration that was just read: what is locked is what was checked.
 */
export async function ensureBucket(
  wanted: BucketWanted & { readonly dryRun?: boolean | undefined },
  connection: GcsConnection = {},
): Promise<readonly BucketStep[]> {
  const setup = new BucketSetup(wanted, connection);
  const found = await setup.read();
  const dryRun = wanted.dryRun === true;
  const existence = existenceOf(found, dryRun);
  if (found === undefined && !dryRun) await setup.create();
  const findings = [
    ...judgeBucket(found ?? { location: wanted.location }, wanted),
    ...(found === undefined && dryRun ? judgeNothing(wanted) : await judgePolicy(setup, wanted)),
  ];
  const steps = findings.map((finding) => toStep(finding, found ?? {}, dryRun));
  if (!dryRun) await setup.apply(steps, found);
  return [existence, ...steps];
}

function existenceOf(found: BucketMetadata | undefined, dryRun: boolean): BucketStep {
  if (found !== undefined) return { setting: 'bucket', want: 'exists', got: 'exists', kind: 'kept' };
  return { setting: 'bucket', want: 'exists', got: 'absent', kind: dryRun ? 'planned' : 'changed' };
}

/** Of a bucket that is not there yet: nobody has access, and every binding is missing. */
function judgeNothing(wanted: BucketWanted): readonly BucketFinding[] {
  return isAccessCompared(wanted) ? judgeAccess({}, bindingsOf(wanted)) : [];
}

function toStep({ ok, ...finding }: BucketFinding, found: BucketMetadata, dryRun: boolean): BucketStep {
  if (ok) return { ...finding, kind: 'kept' };
  if (finding.setting === 'public-members' || finding.setting === 'powerful-members')
    return { ...finding, kind: 'left' };
  // A location is for ever; a retention policy nobody asked for is somebody's decision, not ours to remove.
  const fixed = finding.setting === 'location' || (finding.setting === 'retention' && finding.want === 'none');
  if (fixed && found.location !== undefined) return { ...finding, kind: 'refused' };
  return { ...finding, kind: dryRun ? 'planned' : 'changed' };
}

/** One bucket's settings and its policy. */
export class BucketSetup {
  readonly #wanted: BucketWanted;
  readonly #bucket: LazyBucket;
  readonly #timeoutMs: number;

  constructor(wanted: BucketWanted, connection: GcsConnection) {
    this.#wanted = wanted;
    this.#bucket = lazyBucket(connection, wanted.name);
    this.#timeoutMs = connection.timeoutMs ?? defaultTimeoutMs;
  }

  /** Undefined when there is no such bucket. */
  async read(): Promise<BucketMetadata | undefined> {
    try {
      const [metadata] = await withTimeout((await this.#bucket()).getMetadata(), this.#timeoutMs);
      return metadata;
    } catch (error) {
      if (toGcsFailure(error).kind.startsWith('no-')) return undefined;
      throw toStoreError(error, `read bucket ${this.#wanted.name}`);
    }
  }

  /** The bucket's own IAM policy, conditions included. */
  async readPolicy(): Promise<FoundPolicy> {
    return await this.#call('read access to', async () => {
      const [policy] = await (await this.#bucket()).iam.getPolicy({ requestedPolicyVersion: 3 });
      return policy;
    });
  }

  /** Which of these permissions the caller has on the bucket. */
  async heldPermissions(asked: readonly string[]): Promise<ReadonlySet<string>> {
    return await this.#call('test permissions on', async () => {
      const [held] = await (await this.#bucket()).iam.testPermissions([...asked]);
      return new Set(asked.filter((one) => held[one] === true));
    });
  }

  /** Creates it with everything but the lock, so that it is never without retention. */
  async create(): Promise<void> {
    const request: CreateBucketRequest = {
      location: this.#wanted.location,
      ...toSettings(this.#wanted, initialSettings, {}),
      versioning: { enabled: true },
    };
    await this.#call('create', async () => (await this.#bucket()).storage.createBucket(this.#wanted.name, request));
  }

  /** Changes what the steps say, then locks. */
  async apply(steps: readonly BucketStep[], found: BucketMetadata | undefined): Promise<void> {
    if (steps.some((step) => step.kind === 'refused')) return;
    const changed = new Set(steps.filter((step) => step.kind === 'changed').map((step) => step.setting));
    const locks = changed.delete('lock');
    const binds = changed.delete('bindings');
    if (found !== undefined && changed.size > 0) {
      const ifMetagenerationMatch = Number(found.metageneration);
      const patch = toSettings(this.#wanted, changed, found);
      await this.#call('change', async () => (await this.#bucket()).setMetadata(patch, { ifMetagenerationMatch }));
    }
    if (binds) await this.#bind();
    if (locks) await this.#lock();
  }

  /** Adds what is missing under the policy's etag; takes nothing away from anybody. */
  async #bind(): Promise<void> {
    await this.#call('grant access to', async () => {
      const [policy] = await (await this.#bucket()).iam.getPolicy({ requestedPolicyVersion: 3 });
      // GCS leaves out the bindings of a policy that has none.
      const there: Policy['bindings'] = Array.isArray(policy.bindings) ? policy.bindings : [];
      const missing = missingBindings(policy, bindingsOf(this.#wanted)).map(({ role, member, title, expression }) => ({
        role,
        members: [member],
        ...(expression === undefined ? {} : { condition: { title: title ?? '', expression } }),
      }));
      await (await this.#bucket()).iam.setPolicy({ ...policy, version: 3, bindings: [...there, ...missing] });
    });
  }

  async #lock(): Promise<void> {
    const found = await this.read();
    const wanted: BucketWanted = { ...this.#wanted, lock: false };
    const wrong =
      found === undefined ? 'the bucket' : judgeBucket(found, wanted).find((finding) => !finding.ok)?.setting;
    if (wrong !== undefined) throw new StoreError('refused', `lock ${wanted.name}: ${wrong} is not as wanted`);
    await this.#call('lock', async () => (await this.#bucket()).lock(String(found?.metageneration)));
  }

  async #call<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await withTimeout(work(), this.#timeoutMs);
    } catch (error) {
      throw toStoreError(error, `${what} bucket ${this.#wanted.name}`);
    }
  }
}

const initialSettings: ReadonlySet<BucketSetting> = new Set<BucketSetting>([
  'uniform-access',
  'public-access-prevention',
  'soft-delete',
  'retention',
  'kms-key',
  'lifecycle',
]);

/** Only the settings asked for: what is already stricter than wanted stays as it is. */
function toSettings(wanted: BucketWanted, asked: ReadonlySet<BucketSetting>, found: BucketMetadata): BucketMetadata {
  const iamConfiguration = {
    ...(asked.has('uniform-access') ? { uniformBucketLevelAccess: { enabled: true } } : {}),
    ...(asked.has('public-access-prevention') ? { publicAccessPrevention: 'enforced' } : {}),
  };
  return {
    ...(Object.keys(iamConfiguration).length === 0 ? {} : { iamConfiguration }),
    ...(asked.has('versioning') ? { versioning: { enabled: true } } : {}),
    ...(asked.has('soft-delete') ? { softDeletePolicy: { retentionDurationSeconds: wantedSoftDelete(wanted) } } : {}),
    ...toTimes(wanted, asked, found),
  };
}

function toTimes(wanted: BucketWanted, asked: ReadonlySet<BucketSetting>, found: BucketMetadata): BucketMetadata {
  const { retentionSeconds, kmsKey } = wanted;
  const encryption = asked.has('kms-key') && kmsKey !== undefined ? { encryption: { defaultKmsKeyName: kmsKey } } : {};
  if (retentionSeconds === undefined) return encryption;
  const expires = asked.has('lifecycle') || asked.has('lifecycle-scope');
  return {
    ...encryption,
    ...(asked.has('retention') ? { retentionPolicy: { retentionPeriod: retentionSeconds } } : {}),
    ...(expires ? { lifecycle: lifecycleSetting(found, wanted) } : {}),
  };
}
