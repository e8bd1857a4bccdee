export { createPersonalDetectors, personalRuleIds } from './detectors.ts';
export { findInNumber, findUnderKey, type ValueContext } from './keyed-value.ts';
export { personalKeyRule } from './personal-keys.ts';
