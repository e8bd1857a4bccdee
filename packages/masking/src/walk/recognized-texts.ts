import { maskLimits } from '../limits.ts';
import type { FoundSpan } from '../mask-result.ts';
import { looksLikeJson } from '../views/embedded-json.ts';
import { mergeEdits } from '../views/merge-edits.ts';
import { toTextEdits } from './edit.ts';
import { walkJson } from './json-walk.ts';
import type { WalkTools } from './walk-tools.ts';

/** Tools that also replace what a recognizer found: `recognized` has it by the text in which it stands. */
export function withRecognized(
  tools: WalkTools,
  recognized: ReadonlyMap<string, readonly FoundSpan[]> | undefined,
): WalkTools {
  if (recognized === undefined) return tools;
  return {
    ...tools,
    readsAll: true,
    findInText: (text, inner, nesting) => {
      const edits = tools.findInText(text, inner, nesting);
      const spans = recognized.get(text);
      if (spans === undefined) return edits;
      return mergeEdits(edits, toTextEdits(spans, 0, { text, replacer: inner.replacer }));
    },
  };
}

/**
 * The strings of a JSON text, those of JSON in strings too, each once; a text that is no JSON is its own. Left out is
 * what its name masks, or a policy's place.
 */
export function textsOf(text: string, tools: WalkTools): readonly string[] {
  const texts = new Set<string>();
  const collecting: WalkTools = {
    ...tools,
    readsAll: true,
    findInText: (leaf, inner, nesting) => {
      const isJson =
        nesting <= maskLimits.maxNesting && looksLikeJson(leaf) && walkJson(leaf, inner, nesting).kind === 'walked';
      if (!isJson) texts.add(leaf);
      return [];
    },
  };
  collecting.findInText(text, collecting, 0);
  return [...texts];
}
