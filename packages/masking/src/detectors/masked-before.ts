import { maskTokenEnd } from '../mask-token.ts';
import type { Detector } from './detector.ts';

/**
 * What an earlier pass masked. It is scanned over as the finding was that it stands for, so that its rule's name is no
 * keyword, nothing looks back across it, and masking twice changes nothing.
 */
export const maskedBefore: Detector = {
  id: 'masked-before',
  keywords: ['[redacted:'],
  verify: ({ text, from, end }) => {
    const last = maskTokenEnd(text, from);
    return last < 0 || last >= end ? undefined : { rule: maskedBefore.id, start: from, end: last + 1 };
  },
  isPlausible: () => false,
};
