import type { Detector, Finding, KeywordMatch } from '../detectors/detector.ts';
import { findCard } from './card-at-digits.ts';
import { findCnpj, findItin, findSsn } from './dashed-number.ts';
import { findIban } from './iban-at-digits.ts';
import { findDoubleZero, findNorthAmerican } from './phone-at-digits.ts';

interface Shape {
  readonly id: string;
  readonly find: (match: KeywordMatch) => Finding | undefined;
}

/** Numbers known by shape and checksum alone, wherever four digits in a row stand in them. */
const shapes: readonly Shape[] = [
  { id: 'iban', find: findIban },
  { id: 'payment-card', find: findCard },
  { id: 'us-ssn', find: findSsn },
  { id: 'us-itin', find: findItin },
  { id: 'br-cnpj', find: findCnpj },
  { id: 'phone', find: findNorthAmerican },
  { id: 'phone', find: findDoubleZero },
];

/** One detector for all of them, since runs of digits are many. */
export function createDigitsDetector(off: ReadonlySet<string>): Detector {
  const used = shapes.filter(({ id }) => !off.has(id));
  return {
    id: 'personal-digits',
    keywords: [],
    triggers: ['digits'],
    verify: (match) => {
      for (const { find } of used) {
        const found = find(match);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    // What precedes the digits decides, and is not to be looked at here.
    isPlausible: () => true,
  };
}
