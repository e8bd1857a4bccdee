import { maskToken } from '../mask-token.ts';
import type { Edit } from './edit.ts';

/** What a text that cannot be refused gets where a detector threw: all of it masked. */
export function failedEdit(text: string): Edit {
  const rule = 'detector-failed';
  return { start: 0, end: text.length, rule, path: '', replacement: maskToken(rule) };
}
