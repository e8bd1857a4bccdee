/** Matches a whole text against one pattern. */
export type Glob = (text: string) => boolean;

/**
 * Compiles a pattern of literal characters, `?` (one character) and `*` (any number, also of `/` and none). No regular
 * expression: pieces between stars are sought from left to right, each once, so no pattern backtracks.
 */
export function compileGlob(pattern: string): Glob {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  if (/^\*+$/.test(pattern)) return () => true;
  const pieces = pattern.split(/\*+/);
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return (text) => text.length === pattern.length && matchesAt(first, text, 0);
  const last = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1);
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !matchesAt(first, text, 0) || !matchesAt(last, text, end)) return false;
    return middleEnd(middle, text, first.length) <= end;
  };
}

function middleEnd(pieces: readonly string[], text: string, from: number): number {
  let at = from;
  for (const piece of pieces) at = pieceEnd(piece, text, at);
  return at;
}

/** End of the leftmost match of a piece at or behind `from`; infinite where there is none. */
function pieceEnd(piece: string, text: string, from: number): number {
  if (!piece.includes('?')) {
    const found = text.indexOf(piece, from);
    return found < 0 || from > text.length ? Infinity : found + piece.length;
  }
  for (let at = from; at + piece.length <= text.length; at += 1) {
    if (matchesAt(piece, text, at)) return at + piece.length;
  }
  return Infinity;
}

function matchesAt(piece: string, text: string, at: number): boolean {
  for (let i = 0; i < piece.length; i += 1) {
    const expected = piece.charCodeAt(i);
    if (expected !== 0x3f && expected !== text.charCodeAt(at + i)) return false;
  }
  return true;
}

/** True where one of the patterns matches. Literal patterns cost one look-up together. */
export function compileGlobs(patterns: readonly string[]): Glob {
  const literals = new Set(patterns.filter((pattern) => !/[*?]/.test(pattern)));
  const globs = patterns.filter((pattern) => !literals.has(pattern)).map(compileGlob);
  if (globs.length === 0) return (text) => literals.has(text);
  return (text) => literals.has(text) || globs.some((glob) => glob(text));
}
