import { maskLimits } from '../limits.ts';
import { toOrderedEdits, toTextEdits, type Edit } from './edit.ts';
import { skipBlanks } from './json-scalars.ts';
import { walkJson } from './json-walk.ts';
import type { WalkTools } from './walk-tools.ts';

const doubleQuote = 0x22;
const openBrace = 0x7b;
const openBracket = 0x5b;

/** Ordered edits of a string's decoded content: of the JSON in it if it is JSON, else of the text. */
export function findInText(text: string, tools: WalkTools, nesting: number): readonly Edit[] {
  const inner = looksLikeJson(text) && nesting <= maskLimits.maxNesting ? walkJson(text, tools, nesting) : undefined;
  if (inner?.kind === 'walked') return toOrderedEdits(inner.edits.map((edit) => ({ ...edit, path: `#${edit.path}` })));
  return toTextEdits(tools.scanner.find(text, 0, text.length), 0);
}

function looksLikeJson(text: string): boolean {
  const first = text.charCodeAt(skipBlanks(text, 0));
  return first === openBrace || first === openBracket || first === doubleQuote;
}
