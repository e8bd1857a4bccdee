export { createPersonalDetectors, personalRuleIds } from './detectors.ts';
export { personalKeyRule } from './personal-keys.ts';
