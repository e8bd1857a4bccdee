import type { PolicyCall } from '@tachograph/protocol';
import type { CelVariables } from './cel.ts';

/** The workload that a bundle is for. */
export interface ServerFacts {
  readonly cluster: string;
  readonly namespace: string;
  readonly workload: string;
}

/** `failed`: an error, a value that is neither true nor false, or a limit. */
export type ConditionOutcome = 'true' | 'false' | 'failed';

/** A condition ready to be asked. Never throws. */
export type Condition = (variables: CelVariables) => ConditionOutcome;

/** `refused`: why the source is no condition, with the place in it. */
export type CompiledCondition =
  | { readonly kind: 'compiled'; readonly condition: Condition }
  | { readonly kind: 'refused'; readonly reason: string };

/** Compiles `when`. */
export interface Conditions {
  compile(source: string): CompiledCondition;
  /** What all conditions about one call read. Cheap: each variable is made when a condition asks for it. */
  variablesOf(call: PolicyCall, server: ServerFacts): CelVariables;
}

let loaded: Promise<Conditions> | undefined;

/** Loads the CEL interpreter: 280 KB and 12 MB of memory, hence only where a policy has a condition. */
export async function loadConditions(): Promise<Conditions> {
  loaded ??= import('./cel-conditions.ts').then(({ createConditions }) => createConditions());
  try {
    return await loaded;
  } catch (error) {
    loaded = undefined;
    throw error;
  }
}

/** Whether a bundle needs `loadConditions`. */
export function hasConditions({
  rules,
}: {
  readonly rules: readonly { readonly when?: string | undefined }[];
}): boolean {
  return rules.some(({ when }) => when !== undefined);
}
