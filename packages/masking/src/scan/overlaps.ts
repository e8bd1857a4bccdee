import type { Finding } from '../detectors/detector.ts';

/**
 * `strong` is in order and without overlap. Weak findings fill the gaps: one that touches a strong one is dropped, those
 * that overlap each other become one.
 */
export function withWeakFindings(strong: readonly Finding[], weak: readonly Finding[]): readonly Finding[] {
  if (weak.length === 0) return strong;
  const apart = unite(weak.toSorted((a, b) => a.start - b.start || b.end - a.end).filter(avoids(strong)));
  return [...strong, ...apart].toSorted((a, b) => a.start - b.start);
}

/** Asked in order of `start`. */
function avoids(strong: readonly Finding[]): (finding: Finding) => boolean {
  let at = 0;
  return ({ start, end }) => {
    while ((strong[at]?.end ?? Infinity) <= start) at += 1;
    return (strong[at]?.start ?? Infinity) >= end;
  };
}

function unite(ordered: readonly Finding[]): readonly Finding[] {
  const united: Finding[] = [];
  for (const finding of ordered) {
    const last = united.at(-1);
    if (last === undefined || finding.start >= last.end) united.push(finding);
    else if (finding.end > last.end) united[united.length - 1] = { ...last, end: finding.end };
  }
  return united;
}

/**
 * `settled` is in order and without overlap and stays as it is; of what was searched for, the parts that are not yet
 * found are added.
 */
export function withSearched(settled: readonly Finding[], searched: readonly Finding[]): readonly Finding[] {
  if (searched.length === 0) return settled;
  const ordered = unite(searched.toSorted((a, b) => a.start - b.start || b.end - a.end));
  const parts: Finding[] = [];
  let at = 0;
  for (const finding of ordered) {
    while ((settled[at]?.end ?? Infinity) <= finding.start) at += 1;
    for (const part of outside(finding, settled, at)) parts.push(part);
  }
  return [...settled, ...parts].toSorted((a, b) => a.start - b.start);
}

/** What is left of a finding between the settled ones from index `at` on. */
function outside(finding: Finding, settled: readonly Finding[], at: number): readonly Finding[] {
  const parts: Finding[] = [];
  let start = finding.start;
  for (let i = at; i < settled.length; i += 1) {
    const other = settled[i];
    if (other === undefined || other.start >= finding.end) break;
    if (other.start > start) parts.push({ ...finding, start, end: other.start });
    start = Math.max(start, other.end);
  }
  if (start < finding.end) parts.push({ ...finding, start });
  return parts;
}
