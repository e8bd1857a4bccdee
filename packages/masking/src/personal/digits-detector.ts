import type { Detector, Finding, KeywordMatch } from '../detectors/detector.ts';
import { findCard } from './card-at-digits.ts';
import { findCnpj, findItin, findSsn } from './dashed-number.ts';
import { findIban } from './iban-at-digits.ts';
import { findDoubleZero, findNorthAmerican, findTrunkZero } from './phone-at-digits.ts';

interface Shape {
  readonly id: string;
  /** The four digits stand behind `-`, `.` or `/`. */
  readonly needs?: 'joint';
  readonly find: (match: KeywordMatch) => Finding | undefined;
}

/** Numbers known by shape and checksum alone, wherever four digits in a row stand in them. */
const shapes: readonly Shape[] = [
  { id: 'iban', find: findIban },
  { id: 'payment-card', find: findCard },
  { id: 'us-ssn', needs: 'joint', find: findSsn },
  { id: 'us-itin', needs: 'joint', find: findItin },
  { id: 'br-cnpj', needs: 'joint', find: findCnpj },
  { id: 'phone', needs: 'joint', find: findNorthAmerican },
  { id: 'phone', find: findDoubleZero },
  { id: 'phone', find: findTrunkZero },
];

const dash = 0x2d;
const slash = 0x2f;

/** One detector for all of them, since runs of digits are many. */
export function createDigitsDetector(off: ReadonlySet<string>): Detector {
  const used = shapes.filter(({ id }) => !off.has(id));
  const behindDash = used.filter(({ needs }) => needs === 'joint');
  const others = used.filter(({ needs }) => needs === undefined);
  return {
    id: 'personal-digits',
    keywords: [],
    triggers: ['digits'],
    verify: (match) => {
      const before = match.text.charCodeAt(match.from - 1);
      const isJoined = before >= dash && before <= slash && match.to - match.from === 4 && match.from > match.floor;
      return findFirst(others, match) ?? (isJoined ? findFirst(behindDash, match) : undefined);
    },
    // What precedes the digits decides, and is not to be looked at here.
    isPlausible: () => true,
  };
}

function findFirst(shapesToTry: readonly Shape[], match: KeywordMatch): Finding | undefined {
  for (const { find } of shapesToTry) {
    const found = find(match);
    if (found !== undefined) return found;
  }
  return undefined;
}
