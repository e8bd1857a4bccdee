/** Rules that a policy makes; evidence names them as it names detectors. */
export const pathRuleId = 'path-rule';
export const blobRuleId = 'opaque-blob';
