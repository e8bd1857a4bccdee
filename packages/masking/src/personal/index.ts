export { createPersonalDetectors, personalRuleIds } from './detectors.ts';
