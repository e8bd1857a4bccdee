import type { BucketState } from './bucket-state.ts';
import { EmulatorError } from './emulator-error.ts';
import type { EmulatorState } from './emulator-state.ts';
import { type Fields, isFields, parseFields } from './json-fields.ts';
import { type ObjectVersion, liveVersion } from './resources.ts';
import { isHeld, isRetained } from './retention.ts';

/** One generation that a lifecycle rule took away. */
export interface Expired {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  /** `noncurrent`: it was live, and the bucket keeps versions. */
  readonly became: 'noncurrent' | 'deleted';
}

const dayMs = 86_400_000;
const known: ReadonlySet<string> = new Set([
  'age',
  'createdBefore',
  'daysSinceCustomTime',
  'daysSinceNoncurrentTime',
  'isLive',
  'matchesPrefix',
  'matchesSuffix',
  'numNewerVersions',
]);

/** Throws 501 for conditions that the emulator would have to ignore, 400 for what is no lifecycle. */
export function checkLifecycle(value: unknown): object {
  const lifecycle = parseFields(value, 'lifecycle');
  for (const rule of rulesOf(lifecycle)) {
    const unknown = Object.keys(rule.condition).find((name) => !known.has(name));
    if (unknown !== undefined) {
      throw new EmulatorError('notImplemented', `The emulator does not support: lifecycle condition ${unknown}`);
    }
  }
  return lifecycle;
}

interface Rule {
  readonly type: unknown;
  readonly condition: Fields;
}

function rulesOf(lifecycle: Fields): readonly Rule[] {
  const rules: unknown = lifecycle['rule'] ?? [];
  if (!Array.isArray(rules)) throw new EmulatorError('invalid', 'Invalid value for: lifecycle.rule');
  return rules.map((rule: unknown) => {
    const { action, condition } = parseFields(rule, 'lifecycle.rule');
    return {
      type: parseFields(action, 'lifecycle.rule.action')['type'],
      condition: parseFields(condition, 'lifecycle.rule.condition'),
    };
  });
}

/** Carries out every `Delete` that is due now, in all buckets, and forgets what was soft-deleted long enough ago. */
export function runLifecycle(state: EmulatorState): readonly Expired[] {
  return state.bucketNames().flatMap((name) => {
    const bucket = state.bucket(name);
    const expired: Expired[] = [];
    // What one pass makes noncurrent, the next may delete; GCS takes days for the same.
    for (let found = runOnce(state, bucket); found.length > 0; found = runOnce(state, bucket)) expired.push(...found);
    bucket.forgetSoftDeleted(state.clock.nowMs());
    return expired;
  });
}

function runOnce(state: EmulatorState, bucket: BucketState): readonly Expired[] {
  const { lifecycle } = bucket.record;
  const rules = isFields(lifecycle) ? rulesOf(lifecycle).filter(({ type }) => type === 'Delete') : [];
  if (rules.length === 0) return [];
  const nowMs = state.clock.nowMs();
  return [...bucket.sortedNames()].flatMap((name) => {
    const versions = bucket.history(name)?.versions ?? [];
    const due = versions.filter((version, at) => {
      const newer = versions.length - 1 - at;
      const rule = rules.some(({ condition }) => isDue({ version, newer, nowMs }, condition));
      return rule && !isHeld(version) && !isRetained(bucket.record, version, nowMs);
    });
    return due.length === 0 ? [] : expire(bucket, name, due, nowMs);
  });
}

function expire(bucket: BucketState, name: string, due: readonly ObjectVersion[], nowMs: number): readonly Expired[] {
  const history = bucket.history(name);
  const live = liveVersion(history);
  const kept = bucket.record.versioning?.enabled === true ? live : undefined;
  const now = new Date(nowMs).toISOString();
  const left = (history?.versions ?? []).flatMap((version) => {
    if (!due.includes(version)) return [version];
    return version === kept ? [{ ...version, timeDeleted: now }] : [];
  });
  bucket.saveHistory({ name, versions: left }, nowMs);
  return due.map((version) => ({
    bucket: bucket.record.name,
    name,
    generation: String(version.generation),
    became: version === kept ? 'noncurrent' : 'deleted',
  }));
}

interface Candidate {
  readonly version: ObjectVersion;
  readonly newer: number;
  readonly nowMs: number;
}

/** All conditions of a rule must hold; one without any never does. */
function isDue(candidate: Candidate, condition: Fields): boolean {
  const names = Object.keys(condition);
  return names.length > 0 && names.every((name) => tests[name]?.(candidate, condition[name]) === true);
}

const tests: Readonly<Record<string, (candidate: Candidate, wanted: unknown) => boolean>> = {
  age: ({ version, nowMs }, days) => daysSince(version.timeCreated, nowMs) >= Number(days),
  createdBefore: ({ version }, day) => Date.parse(version.timeCreated) < Date.parse(String(day)),
  daysSinceCustomTime: ({ version, nowMs }, days) => daysSince(version.customTime, nowMs) >= Number(days),
  daysSinceNoncurrentTime: ({ version, nowMs }, days) => daysSince(version.timeDeleted, nowMs) >= Number(days),
  isLive: ({ version }, wanted) => (version.timeDeleted === undefined) === wanted,
  matchesPrefix: ({ version }, wanted) => textsOf(wanted).some((prefix) => version.name.startsWith(prefix)),
  matchesSuffix: ({ version }, wanted) => textsOf(wanted).some((suffix) => version.name.endsWith(suffix)),
  numNewerVersions: ({ newer }, wanted) => newer >= Number(wanted),
};

function daysSince(time: string | undefined, nowMs: number): number {
  return time === undefined ? Number.NEGATIVE_INFINITY : (nowMs - Date.parse(time)) / dayMs;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
