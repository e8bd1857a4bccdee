/** The interpreter of conditions: megabytes that only pods with conditions pay for. */
import { loadConditions, type Conditions } from '@tachograph/policy';
import { describeError, type Logger } from '@tachograph/service';

export interface ConditionSource {
  /** `undefined` until it is loaded; asking begins to load it. */
  current(): Conditions | undefined;
  /** The last attempt to load it failed. */
  hasFailed(): boolean;
  /** Resolves when that has ended, well or not. */
  load(): Promise<void>;
}

/** Loads it once it is asked for. Where it cannot be loaded that is logged, and the next question tries again. */
export function createConditionSource(log: Logger, load: () => Promise<Conditions> = loadConditions): ConditionSource {
  let conditions: Conditions | undefined;
  let loading: Promise<void> | undefined;
  let failed = false;
  const begin = async (): Promise<void> => {
    try {
      conditions = await load();
      failed = false;
    } catch (error) {
      log.error('conditions not loaded', { err: describeError(error) });
      failed = true;
      loading = undefined;
    }
  };
  return {
    current() {
      if (conditions === undefined) loading ??= begin();
      return conditions;
    },
    hasFailed: () => failed,
    load: async () => (loading ??= begin()),
  };
}
