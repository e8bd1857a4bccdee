import type { Edit } from '../walk/edit.ts';

/**
 * Two ordered lists as one, in order and without overlap. All that a strong edit covers stays covered. Where two overlap
 * the one that holds the other stays, else `first`'s, as far as the other reaches; a weak one gives way to a strong one.
 */
export function mergeEdits(first: readonly Edit[], second: readonly Edit[]): readonly Edit[] {
  if (second.length === 0) return first;
  if (first.length === 0) return second;
  const strong = [...first, ...second].filter(({ weak }) => weak !== true);
  const weak = [...first, ...second].filter((edit) => edit.weak === true);
  const united = unite(strong);
  const isFree = createGapCheck(united);
  return [...united, ...unite(weak).filter(isFree)].toSorted((a, b) => a.start - b.start);
}

/** The sort is stable, so of equal spans the first list's comes first. */
function unite(edits: readonly Edit[]): readonly Edit[] {
  const kept: Edit[] = [];
  for (const edit of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || edit.start >= last.end) kept.push(edit);
    else if (edit.end > last.end) kept[kept.length - 1] = join(last, edit);
  }
  return kept;
}

function join(last: Edit, next: Edit): Edit {
  const { parts: _, ...whole } = last;
  return last.parts === undefined ? { ...whole, end: next.end } : { ...next, start: last.start };
}

function createGapCheck(taken: readonly Edit[]): (edit: Edit) => boolean {
  let at = 0;
  return ({ start, end }) => {
    while ((taken[at]?.end ?? Infinity) <= start) at += 1;
    return (taken[at]?.start ?? Infinity) >= end;
  };
}
