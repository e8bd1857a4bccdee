import type { BucketMetadata } from '@google-cloud/storage';

import type { BucketMembers } from './bucket-access.ts';
import { judgeLifecycle } from './bucket-lifecycle.ts';

/** A setting that an archive bucket depends on (`archive.md` §1, "Right combination"). */
export type BucketSetting =
  | 'bucket'
  | 'location'
  | 'uniform-access'
  | 'public-access-prevention'
  | 'versioning'
  | 'soft-delete'
  | 'retention'
  | 'lock'
  | 'kms-key'
  /** Nothing but what may expire is deleted by the bucket itself, and nothing before its retention ends. */
  | 'lifecycle-scope'
  /** What may expire does, some time after its retention. */
  | 'lifecycle'
  | 'public-members'
  | 'powerful-members'
  | 'bindings';

/** What a bucket should be. */
export interface BucketWanted {
  readonly name: string;
  /** Region, dual-region or multi-region, such as `EUROPE-WEST4`; fixed once the bucket exists. */
  readonly location: string;
  /** Absent for derived buckets, which have no retention policy. */
  readonly retentionSeconds?: number | undefined;
  /** Lock the retention policy: for ever, and only longer afterwards. */
  readonly lock?: boolean | undefined;
  /** 0, or 7 to 90 days. Default 7 days. */
  readonly softDeleteSeconds?: number | undefined;
  /** Put before every name, as in `gs://bucket/prefix/`; ends in `/` or is empty. */
  readonly prefix?: string | undefined;
  /** Time between the end of retention and the bucket's own deletion. Default 30 days. */
  readonly purgeGraceSeconds?: number | undefined;
  /** Resource name of the Cloud KMS key; absent: not compared. */
  readonly kmsKey?: string | undefined;
  /** Who uses the bucket; absent: IAM is not compared. */
  readonly members?: BucketMembers | undefined;
  /** Compare who holds powerful roles even without `members`. */
  readonly readAccess?: boolean | undefined;
}

/** One setting compared. */
export interface BucketFinding {
  readonly setting: BucketSetting;
  readonly ok: boolean;
  readonly want: string;
  readonly got: string;
}

const defaultSoftDeleteSeconds = 604_800;

export function wantedSoftDelete(wanted: BucketWanted): number {
  return wanted.softDeleteSeconds ?? defaultSoftDeleteSeconds;
}

/** Compares a bucket with what it should be; pure. More retention than wanted is right. */
export function judgeBucket(found: BucketMetadata, wanted: BucketWanted): readonly BucketFinding[] {
  return [
    judge('location', wanted.location.toUpperCase(), (found.location ?? '').toUpperCase()),
    ...judgeExposure(found),
    judge('versioning', 'on', onOff(found.versioning?.enabled)),
    judgeAtLeast(
      'soft-delete',
      wantedSoftDelete(wanted),
      Number(found.softDeletePolicy?.retentionDurationSeconds ?? 0),
    ),
    ...judgeRetention(found, wanted),
    ...judgeKey(found, wanted),
    ...judgeLifecycle(found, wanted),
  ];
}

function judgeExposure({ iamConfiguration }: BucketMetadata): readonly BucketFinding[] {
  return [
    judge('uniform-access', 'on', onOff(iamConfiguration?.uniformBucketLevelAccess?.enabled)),
    judge('public-access-prevention', 'enforced', iamConfiguration?.publicAccessPrevention ?? 'inherited'),
  ];
}

function judgeKey({ encryption }: BucketMetadata, { kmsKey }: BucketWanted): readonly BucketFinding[] {
  return kmsKey === undefined ? [] : [judge('kms-key', kmsKey, encryption?.defaultKmsKeyName ?? "Google's own")];
}

function judgeRetention(found: BucketMetadata, wanted: BucketWanted): readonly BucketFinding[] {
  const seconds = Number(found.retentionPolicy?.retentionPeriod ?? 0);
  const locked = found.retentionPolicy?.isLocked === true;
  if (wanted.retentionSeconds === undefined) {
    return [judge('retention', 'none', seconds === 0 ? 'none' : `${seconds} s`)];
  }
  const retention = judgeAtLeast('retention', wanted.retentionSeconds, seconds);
  return wanted.lock === true ? [retention, judge('lock', 'locked', locked ? 'locked' : 'unlocked')] : [retention];
}

function judge(setting: BucketSetting, want: string, got: string): BucketFinding {
  return { setting, ok: want === got, want, got };
}

function judgeAtLeast(setting: BucketSetting, wantSeconds: number, gotSeconds: number): BucketFinding {
  return { setting, ok: gotSeconds >= wantSeconds, want: `at least ${wantSeconds} s`, got: `${gotSeconds} s` };
}

function onOff(value: boolean | undefined): string {
  return value === true ? 'on' : 'off';
}
