import type { BucketMetadata } from '@google-cloud/storage';

import type { BucketFinding, BucketWanted } from './bucket-findings.ts';

/** The only names that ever expire: the log and its keys stay, or nothing could be proved about what was purged. */
const expiring = ['v1/records/', 'v1/blobs/', 'v1/sessions/'] as const;
const daySeconds = 86_400;
/** Time between the end of retention and the bucket's own deletion: a purge leaf must be written within it. */
const defaultGraceSeconds = 30 * daySeconds;

/** One rule of a bucket's lifecycle that deletes. */
export interface ExpiryRule {
  readonly action: { readonly type: 'Delete' };
  readonly condition: { readonly age: number; readonly isLive: boolean; readonly matchesPrefix: readonly string[] };
}

/** The rules of an archive bucket: live and noncurrent objects of the expiring prefixes, some time after retention. */
export function expiryRules(wanted: BucketWanted): readonly ExpiryRule[] {
  const { retentionSeconds, prefix = '' } = wanted;
  if (retentionSeconds === undefined) return [];
  const age = Math.ceil((retentionSeconds + (wanted.purgeGraceSeconds ?? defaultGraceSeconds)) / daySeconds);
  const matchesPrefix = expiring.map((name) => prefix + name);
  return [true, false].map((isLive) => ({ action: { type: 'Delete' }, condition: { age, isLive, matchesPrefix } }));
}

type FoundRule = NonNullable<NonNullable<BucketMetadata['lifecycle']>['rule']>[number];

/** Compares the lifecycle: what expires too early, or must never, comes before what is merely not there. */
export function judgeLifecycle(found: BucketMetadata, wanted: BucketWanted): readonly BucketFinding[] {
  const rules = expiryRules(wanted);
  const [first] = rules;
  if (first === undefined) return [];
  const { age, matchesPrefix } = first.condition;
  const deleting = (found.lifecycle?.rule ?? []).filter(({ action }) => action.type === 'Delete');
  const tooMuch = deleting.map((rule) => excessOf(rule, wanted, matchesPrefix)).find((text) => text !== undefined);
  const complete = rules.every((rule) => deleting.some((one) => covers(one, rule)));
  const want = `records, blobs and sessions after ${age} d, live and noncurrent`;
  return [
    {
      setting: 'lifecycle-scope',
      ok: tooMuch === undefined,
      want: 'nothing else, nothing earlier',
      got: tooMuch ?? 'so',
    },
    { setting: 'lifecycle', ok: complete, want, got: complete ? 'so' : deleting.length === 0 ? 'none' : 'other rules' },
  ];
}

function excessOf(rule: FoundRule, wanted: BucketWanted, allowed: readonly string[]): string | undefined {
  const { matchesPrefix = [], age = 0 } = rule.condition;
  const beyond = matchesPrefix.find((prefix) => !allowed.some((one) => prefix.startsWith(one)));
  if (matchesPrefix.length === 0) return 'deletes in the whole bucket';
  if (beyond !== undefined) return `deletes under ${beyond}`;
  return age * daySeconds < (wanted.retentionSeconds ?? 0) ? `deletes after ${age} d` : undefined;
}

/** Whether a rule that is there deletes what `wanted` says, and when. */
function covers(rule: FoundRule, { condition }: ExpiryRule): boolean {
  const { age, isLive, matchesPrefix = [], ...others } = rule.condition;
  const everywhere = condition.matchesPrefix.every((one) => matchesPrefix.some((prefix) => one.startsWith(prefix)));
  const eitherState = isLive === undefined || isLive === condition.isLive;
  return everywhere && eitherState && age === condition.age && Object.keys(others).length === 0;
}

/** The lifecycle that replaces the one there: rules that do not delete stay. */
export function lifecycleSetting(found: BucketMetadata, wanted: BucketWanted): { readonly rule: FoundRule[] } {
  const kept = (found.lifecycle?.rule ?? []).filter(({ action }) => action.type !== 'Delete');
  const ours = expiryRules(wanted).map(({ action, condition }) => ({
    action,
    condition: { ...condition, matchesPrefix: [...condition.matchesPrefix] },
  }));
  return { rule: [...kept, ...ours] };
}
