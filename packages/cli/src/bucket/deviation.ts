/** What a setting that is not as wanted means for the archive: one sentence and one exit code each. */
import type { BucketFinding, BucketSetting } from '@tachograph/store';
import { exitCodes } from '../cli-error.ts';

interface Meaning {
  /** 1: recordings could be lost, altered or read by strangers. 2: they are safe, the bucket is not as ordered. */
  readonly exitCode: 1 | 2;
  readonly sentence: (finding: Pick<BucketFinding, 'want' | 'got'>) => string;
}

const grave = exitCodes.tampered;
const minor = exitCodes.incomplete;

const meanings: Readonly<Record<Exclude<BucketSetting, 'bucket'>, Meaning>> = {
  location: {
    exitCode: minor,
    sentence: ({ want, got }) =>
      `The bucket is in ${got}, not in ${want}; a location never changes: make another bucket.`,
  },
  'uniform-access': {
    exitCode: grave,
    sentence: () => 'Uniform access is off: a single object can be opened or handed over by its own ACL.',
  },
  'public-access-prevention': {
    exitCode: grave,
    sentence: () => 'Public access is not prevented: one grant would show recordings to everybody.',
  },
  versioning: {
    exitCode: grave,
    sentence: () => 'Versioning is off: once retention has passed, an overwrite leaves nothing of what was there.',
  },
  'soft-delete': {
    exitCode: minor,
    sentence: ({ want, got }) => `Deleted objects can be restored for ${got} only, wanted ${want}.`,
  },
  retention: {
    exitCode: grave,
    sentence: ({ want, got }) =>
      want === 'none'
        ? `The bucket retains objects for ${got}; what is derived must be replaceable.`
        : `Objects are retained for ${got} only, wanted ${want}: recordings can be deleted too early.`,
  },
  lock: {
    exitCode: grave,
    sentence: () => 'The retention policy is not locked: an administrator can remove it and delete everything.',
  },
  'kms-key': {
    exitCode: minor,
    sentence: ({ want, got }) => `New objects are encrypted under ${got}, not under ${want}.`,
  },
  'lifecycle-scope': {
    exitCode: grave,
    sentence: ({ got }) =>
      `A lifecycle rule ${got}: only records, blobs and sessions may expire, and only after their retention.`,
  },
  lifecycle: {
    exitCode: minor,
    sentence: ({ want, got }) => `Nothing deletes ${want}: the bucket has ${got === 'none' ? 'no such rule' : got}.`,
  },
  'public-members': { exitCode: grave, sentence: ({ got }) => `Everybody has access: ${got}.` },
  'powerful-members': {
    exitCode: grave,
    sentence: ({ got }) => `These can delete, replace or alter objects, or change the bucket: ${got}.`,
  },
  bindings: { exitCode: minor, sentence: ({ got }) => `Not everybody has the access that they need; ${got}.` },
};

/** A finding with its meaning; `undefined` where it is as wanted. */
export interface Deviation {
  readonly setting: BucketSetting;
  readonly exitCode: 1 | 2;
  readonly sentence: string;
}

/** What is wrong, in the order of the findings. */
export function deviationsOf(findings: readonly BucketFinding[]): readonly Deviation[] {
  return findings.flatMap(({ setting, ok, want, got }) => {
    if (ok || setting === 'bucket') return [];
    const { exitCode, sentence } = meanings[setting];
    return [{ setting, exitCode, sentence: sentence({ want, got }) }];
  });
}

/** The gravest of several exit codes. */
export function worstExitCode(deviations: readonly Deviation[]): number {
  if (deviations.length === 0) return exitCodes.ok;
  return deviations.some(({ exitCode }) => exitCode === grave) ? grave : minor;
}
