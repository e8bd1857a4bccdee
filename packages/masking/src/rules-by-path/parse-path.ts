/** One step of a path: a name, an index, or any (`undefined`); `deep`: at any depth below. */
export interface PathSegment {
  readonly key: string | number | undefined;
  readonly deep: boolean;
}

const maxSegments = 32;
const bareName = /[A-Za-z_\u{80}-\u{10FFFF}][\w\-\u{80}-\u{10FFFF}]*/uy;
const bracketed = /\[(?:(\*)|(\d{1,9})|'((?:[^'\\]|\\['\\])*)'|"((?:[^"\\]|\\["\\])*)")\]/y;

/**
 * A JSONPath without filters, scripts, slices and unions: `$.a.b[*].c`, `$.list[0]`, `$['a b']`, `$..name`, `$..*`. The
 * answer is what is wrong where it is none.
 */
export function parsePath(path: string): readonly PathSegment[] | string {
  if (!path.startsWith('$')) return 'expected a path that begins with "$"';
  const segments: PathSegment[] = [];
  let at = 1;
  while (at < path.length) {
    const step = readStep(path, at);
    if (step === undefined) return `expected ".name", "..name", "[index]", "[*]" or "['name']" at character ${at + 1}`;
    segments.push(step.segment);
    at = step.end;
  }
  if (segments.length === 0) return 'expected a place below "$"';
  return segments.length > maxSegments ? `expected at most ${maxSegments} steps, got ${segments.length}` : segments;
}

interface Step {
  readonly segment: PathSegment;
  readonly end: number;
}

function readStep(path: string, at: number): Step | undefined {
  const deep = path.startsWith('..', at);
  const isDotted = path.startsWith('.', at);
  const start = deep ? at + 2 : isDotted ? at + 1 : at;
  if (path.startsWith('[', start)) return isDotted && !deep ? undefined : readBracket(path, start, deep);
  if (!isDotted) return undefined;
  if (path.startsWith('*', start)) return { segment: { key: undefined, deep }, end: start + 1 };
  bareName.lastIndex = start;
  const name = bareName.exec(path)?.[0];
  return name === undefined ? undefined : { segment: { key: name, deep }, end: start + name.length };
}

function readBracket(path: string, start: number, deep: boolean): Step | undefined {
  bracketed.lastIndex = start;
  const found = bracketed.exec(path);
  if (found === null) return undefined;
  const [all, star, index, single, double] = found;
  const name = (single ?? double)?.replaceAll(/\\(.)/g, '$1');
  const key = star === undefined ? (name ?? Number(index)) : undefined;
  return { segment: { key, deep }, end: start + all.length };
}
