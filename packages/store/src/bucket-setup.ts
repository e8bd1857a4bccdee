import type { Bucket, BucketMetadata, CreateBucketRequest } from '@google-cloud/storage';

import {
  type BucketFinding,
  type BucketSetting,
  type BucketWanted,
  judgeBucket,
  wantedSoftDelete,
} from './bucket-findings.ts';
import { type GcsConnection, createClient, defaultTimeoutMs } from './gcs-connection.ts';
import { toGcsFailure, toStoreError } from './gcs-failure.ts';
import { StoreError } from './store-error.ts';
import { withTimeout } from './timeout.ts';

/** One setting after `ensureBucket`. `refused`: it cannot be changed on this bucket. `planned`: a dry run. */
export interface BucketStep extends Omit<BucketFinding, 'ok'> {
  readonly kind: 'kept' | 'planned' | 'changed' | 'refused';
}

/** Looks at a bucket and changes nothing; rejects with `no_bucket` when there is none. */
export async function checkBucket(
  wanted: BucketWanted,
  connection: GcsConnection = {},
): Promise<readonly BucketFinding[]> {
  const setup = new BucketSetup(wanted, connection);
  const found = await setup.read();
  if (found === undefined) throw new StoreError('no_bucket', `check ${wanted.name}: the bucket does not exist`);
  return judgeBucket(found, wanted);
}

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
  const existence: BucketStep = {
    setting: 'bucket',
    want: 'exists',
    got: found === undefined ? 'absent' : 'exists',
    kind: found === undefined ? (dryRun ? 'planned' : 'changed') : 'kept',
  };
  if (found === undefined && !dryRun) await setup.create();
  const findings = judgeBucket(found ?? { location: wanted.location }, wanted);
  const steps = findings.map((finding) => toStep(finding, found ?? {}, dryRun));
  if (!dryRun) await setup.apply(steps, found);
  return [existence, ...steps];
}

function toStep({ ok, ...finding }: BucketFinding, found: BucketMetadata, dryRun: boolean): BucketStep {
  if (ok) return { ...finding, kind: 'kept' };
  // A location is for ever; a retention policy nobody asked for is somebody's decision, not ours to remove.
  const fixed = finding.setting === 'location' || (finding.setting === 'retention' && finding.want === 'none');
  if (fixed && found.location !== undefined) return { ...finding, kind: 'refused' };
  return { ...finding, kind: dryRun ? 'planned' : 'changed' };
}

class BucketSetup {
  readonly #wanted: BucketWanted;
  readonly #bucket: Bucket;
  readonly #timeoutMs: number;

  constructor(wanted: BucketWanted, connection: GcsConnection) {
    this.#wanted = wanted;
    this.#bucket = createClient(connection).bucket(wanted.name);
    this.#timeoutMs = connection.timeoutMs ?? defaultTimeoutMs;
  }

  /** Undefined when there is no such bucket. */
  async read(): Promise<BucketMetadata | undefined> {
    try {
      const [metadata] = await withTimeout(this.#bucket.getMetadata(), this.#timeoutMs);
      return metadata;
    } catch (error) {
      if (toGcsFailure(error).kind.startsWith('no-')) return undefined;
      throw toStoreError(error, `read bucket ${this.#wanted.name}`);
    }
  }

  /** Creates it with everything but the lock, so that it is never without retention. */
  async create(): Promise<void> {
    const request: CreateBucketRequest = {
      location: this.#wanted.location,
      ...toSettings(this.#wanted, initialSettings),
      versioning: { enabled: true },
    };
    await this.#call('create bucket', this.#bucket.storage.createBucket(this.#wanted.name, request));
  }

  /** Changes what the steps say, then locks. */
  async apply(steps: readonly BucketStep[], found: BucketMetadata | undefined): Promise<void> {
    if (steps.some((step) => step.kind === 'refused')) return;
    const changed = new Set(steps.filter((step) => step.kind === 'changed').map((step) => step.setting));
    const locks = changed.delete('lock');
    if (found !== undefined && changed.size > 0) {
      const ifMetagenerationMatch = Number(found.metageneration);
      const patch = toSettings(this.#wanted, changed);
      await this.#call('change bucket', this.#bucket.setMetadata(patch, { ifMetagenerationMatch }));
    }
    if (locks) await this.#lock();
  }

  async #lock(): Promise<void> {
    const found = await this.read();
    const wanted: BucketWanted = { ...this.#wanted, lock: false };
    const wrong =
      found === undefined ? 'the bucket' : judgeBucket(found, wanted).find((finding) => !finding.ok)?.setting;
    if (wrong !== undefined) throw new StoreError('refused', `lock ${wanted.name}: ${wrong} is not as wanted`);
    await this.#call('lock bucket', this.#bucket.lock(String(found?.metageneration)));
  }

  async #call(what: string, work: Promise<unknown>): Promise<void> {
    try {
      await withTimeout(work, this.#timeoutMs);
    } catch (error) {
      throw toStoreError(error, `${what} ${this.#wanted.name}`);
    }
  }
}

const initialSettings: ReadonlySet<BucketSetting> = new Set<BucketSetting>([
  'uniform-access',
  'public-access-prevention',
  'soft-delete',
  'retention',
]);

/** Only the settings asked for: what is already stricter than wanted stays as it is. */
function toSettings(wanted: BucketWanted, asked: ReadonlySet<BucketSetting>): BucketMetadata {
  const { retentionSeconds } = wanted;
  const iamConfiguration = {
    ...(asked.has('uniform-access') ? { uniformBucketLevelAccess: { enabled: true } } : {}),
    ...(asked.has('public-access-prevention') ? { publicAccessPrevention: 'enforced' } : {}),
  };
  return {
    ...(Object.keys(iamConfiguration).length === 0 ? {} : { iamConfiguration }),
    ...(asked.has('versioning') ? { versioning: { enabled: true } } : {}),
    ...(asked.has('soft-delete') ? { softDeletePolicy: { retentionDurationSeconds: wantedSoftDelete(wanted) } } : {}),
    ...(asked.has('retention') && retentionSeconds !== undefined
      ? { retentionPolicy: { retentionPeriod: retentionSeconds } }
      : {}),
  };
}
