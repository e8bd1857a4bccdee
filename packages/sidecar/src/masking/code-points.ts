/** Offsets in code points, as Python counts them, to UTF-16 offsets, as JavaScript does. */
export function codePointOffsets(text: string): (offset: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (offset) => offset;
  const units: number[] = [];
  for (let at = 0; at < text.length; at += isPair(text, at) ? 2 : 1) units.push(at);
  units.push(text.length);
  return (offset) => units[offset] ?? text.length;
}

/** How many code points a text has; a lone surrogate is one. */
export function codePointLength(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += isPair(text, at) ? 2 : 1) count += 1;
  return count;
}

function isPair(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff;
}
