/** What a guard says about one text, and how findings add up. */

/** From harmless to worst; `opaque`: nobody can say what it does, so a person must. */
export const sqlVerdicts = ['read', 'bounded_write', 'opaque', 'unbounded_write', 'ddl', 'privilege', 'host'] as const;
export type SqlVerdict = (typeof sqlVerdicts)[number];

/** From harmless to worst. */
export const shellVerdicts = ['benign', 'opaque', 'destructive'] as const;
export type ShellVerdict = (typeof shellVerdicts)[number];

/** What a text is taken for. */
export type GuardKind = 'sql' | 'shell';
/** A verdict of either kind. */
export type GuardVerdict = SqlVerdict | ShellVerdict;

/** One thing that was seen, in words that quote nothing of the text. */
export interface Finding<V extends GuardVerdict> {
  readonly verdict: V;
  readonly reason: string;
}

/** A judged text. */
export interface Judgement {
  /** The worst of `verdicts`. */
  readonly verdict: GuardVerdict;
  /**
   * Every verdict found, worst first. A rule that lets `ddl` pass must still see that another part was `opaque`: a call
   * passes only if each of them may pass.
   */
  readonly verdicts: readonly GuardVerdict[];
  /** Why, worst first, each once; at most 16. Never quotes the text. */
  readonly reasons: readonly string[];
}

const maxReasons = 16;

/** Adds findings up. Without any, the text is harmless: `least` says what that is called. */
export function toJudgement<V extends GuardVerdict>(findings: readonly Finding<V>[], least: V): Judgement {
  const isShell = least === 'benign';
  const rank = (verdict: GuardVerdict): number =>
    isShell ? shellVerdicts.findIndex((one) => one === verdict) : sqlVerdicts.findIndex((one) => one === verdict);
  const worstFirst = findings.toSorted((a, b) => rank(b.verdict) - rank(a.verdict));
  const verdicts = [...new Set<GuardVerdict>(worstFirst.map(({ verdict }) => verdict))];
  return {
    verdict: verdicts[0] ?? least,
    verdicts: verdicts.length === 0 ? [least] : verdicts,
    reasons: [...new Set(worstFirst.filter(({ verdict }) => verdict !== least).map(({ reason }) => reason))].slice(
      0,
      maxReasons,
    ),
  };
}

/** A text that must not be judged, or could not be. */
export function opaqueJudgement(reason: string): Judgement {
  return { verdict: 'opaque', verdicts: ['opaque'], reasons: [reason] };
}
