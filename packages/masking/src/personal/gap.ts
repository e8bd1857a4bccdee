/** What a value's replacement begins with (`mask-token.ts`). */
const maskOpening = '[REDACTED:';

/**
 * What may stand between a word and its number: words, then at most one sign of assignment. Anything more could hold a
 * secret or an address of its own, which scanning behind the number would never see.
 */
const wordGap =
  /^(?!.*\[REDACTED:)[\p{L}\p{M}\s.'’()/#*_&-]{0,40}[\\"'\]?]{0,4}\s{0,3}(?:[:=>]{1,2})?[\s"'`(>\\[{-]{0,8}$/su;

export function isWordGap(gap: string): boolean {
  return wordGap.test(gap);
}

/**
 * Text before a number, as far as it was there when the text was first masked: behind a finding a search sees nothing of
 * what was before it, so neither does it behind a mask. Else masking twice would find more.
 */
export function behindMask(before: string): string {
  const opening = before.lastIndexOf(maskOpening);
  if (opening < 0) return before;
  const close = before.indexOf(']', opening);
  return close < 0 ? '' : before.slice(close + 1);
}
