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
