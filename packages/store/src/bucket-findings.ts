import type { BucketMetadata } from '@google-cloud/storage';

/** A setting that an archive bucket depends on (`archive.md` §1, "Right combination"). */
export type BucketSetting =
  | 'bucket'
  | 'location'
  | 'uniform-access'
  | 'public-access-prevention'
  | 'versioning'
  | 'soft-delete'
  | 'retention'
  | 'lock';

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
    judge('uniform-access', 'on', onOff(found.iamConfiguration?.uniformBucketLevelAccess?.enabled)),
    judge('public-access-prevention', 'enforced', found.iamConfiguration?.publicAccessPrevention ?? 'inherited'),
    judge('versioning', 'on', onOff(found.versioning?.enabled)),
    judgeAtLeast(
      'soft-delete',
      wantedSoftDelete(wanted),
      Number(found.softDeletePolicy?.retentionDurationSeconds ?? 0),
    ),
    ...judgeRetention(found, wanted),
  ];
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
