export { maskLimits } from './limits.ts';
export type { HeaderMaskResult, HeaderValues, MaskResult, RefusalReason } from './mask-result.ts';
export { createMasker, type Masker } from './masker.ts';
export { checkMaskingSpec, ruleIds } from './rule-set.ts';
