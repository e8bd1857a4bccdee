const classOf = /^\[(?:\\.|[^\]\\])*\]/;
const quantifier = /^(?:[?*+]|\{\d+(?:,\d*)?\})\??/;
const minLength = 5;

/**
 * The longest piece of plain text that every match of a rule's pattern holds, in this case; undefined where there is none
 * of five characters. Only what stands outside of groups counts.
 */
export function requiredLiteral(pattern: string): string | undefined {
  if (pattern.includes('(?i)')) return undefined;
  const runs = outsideOfGroups(pattern);
  const longest = runs?.toSorted((a, b) => b.length - a.length)[0] ?? '';
  return longest.length < minLength ? undefined : longest;
}

/** Runs of plain characters outside of groups; undefined where the pattern is a choice. */
function outsideOfGroups(pattern: string): readonly string[] | undefined {
  const runs: string[] = [''];
  let depth = 0;
  for (let i = 0; i < pattern.length;) {
    const unit = unitAt(pattern, i);
    i += unit.length;
    if (unit === '(') depth += 1;
    if (unit === ')') depth -= 1;
    if (depth > 0) continue;
    if (unit === '|') return undefined;
    const repeat = quantifier.exec(pattern.slice(i))?.[0] ?? '';
    i += repeat.length;
    const plain = repeat === '' ? plainOf(unit) : undefined;
    if (plain === undefined) runs.push('');
    else runs[runs.length - 1] += plain;
  }
  return runs;
}

/** An escape, a class, or a character. */
function unitAt(pattern: string, at: number): string {
  if (pattern.charAt(at) === '\\') return pattern.slice(at, at + 2);
  return classOf.exec(pattern.slice(at))?.[0] ?? pattern.charAt(at);
}

/** What a unit stands for if that is one character. */
function plainOf(unit: string): string | undefined {
  if (unit.length === 1) return /[\w:@/ -]/.test(unit) ? unit : undefined;
  return /^\\[^\w<>=;]$/.test(unit) ? unit.charAt(1) : undefined;
}
