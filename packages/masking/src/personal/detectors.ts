import type { Detector } from '../detectors/detector.ts';
import { createDigitsDetector } from './digits-detector.ts';
import { emailDetector } from './email.ts';
import { ipAddressDetector } from './ip-detector.ts';
import { createLabelledNumberDetectors } from './labelled-number.ts';
import { numberRules } from './number-rules.ts';
import { phoneDetector } from './phone-detector.ts';

/** Every rule of personal data that evidence can name and that can be switched off. */
export const personalRuleIds: ReadonlySet<string> = new Set(['email', 'phone', 'ip-address', ...numberRules.keys()]);

/** Detectors of structured personal data, without the rules in `off`. Names and addresses in prose are another's task. */
export function createPersonalDetectors(off: ReadonlySet<string>): readonly Detector[] {
  const single = [emailDetector, phoneDetector, ipAddressDetector].filter(({ id }) => !off.has(id));
  return [...single, createDigitsDetector(off), ...createLabelledNumberDetectors(off)];
}
