export { maskLimits } from './limits.ts';
export type {
  FoundSpan,
  HeaderMaskResult,
  HeaderValues,
  MaskCrypto,
  MaskedText,
  MaskResult,
  MessageContext,
  OperatingPoint,
  RefusalReason,
} from './mask-result.ts';
export { createMasker, type Masker, type MaskerOptions } from './masker.ts';
export { preparePatterns } from './pattern-engine.ts';
export { isCredentialRule } from './credential-rules.ts';
export { ruleIds } from './rule-set.ts';
