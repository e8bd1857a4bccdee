export { checkMaskingSpec, type MaskingFault } from './check-masking-spec.ts';
