/** Checks of an installation, one after the other: each says what holds, and what to do when it does not. */

/** `fatal`: calls are refused or unrecorded while it fails. `warning`: worth doing something about. */
export type CheckWeight = 'fatal' | 'warning';

/** What a check found. */
export type CheckOutcome =
  | { readonly kind: 'holds'; readonly found?: string }
  | { readonly kind: 'fails'; readonly found: string };

export interface Check {
  /** Stable, for scripts. */
  readonly id: string;
  readonly description: string;
  readonly hint: string;
  readonly weight: CheckWeight;
  readonly run: () => Promise<CheckOutcome>;
}

/** A check with its outcome. */
export interface CheckResult {
  readonly id: string;
  readonly description: string;
  readonly outcome: 'ok' | 'failed' | 'warning';
  readonly found?: string;
  readonly hint?: string;
}

/** Runs all, in order; a check that cannot be run has failed. */
export async function runChecks(
  checks: readonly Check[],
  onResult: (result: CheckResult) => void,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const result = toResult(check, await outcomeOf(check));
    results.push(result);
    onResult(result);
  }
  return results;
}

async function outcomeOf(check: Check): Promise<CheckOutcome> {
  try {
    return await check.run();
  } catch (error) {
    return { kind: 'fails', found: error instanceof Error ? error.message : String(error) };
  }
}

function toResult({ id, description, hint, weight }: Check, outcome: CheckOutcome): CheckResult {
  const found = outcome.found === undefined ? {} : { found: outcome.found };
  if (outcome.kind === 'holds') return { id, description, outcome: 'ok', ...found };
  return { id, description, outcome: weight === 'fatal' ? 'failed' : 'warning', hint, ...found };
}
