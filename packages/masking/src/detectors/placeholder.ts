const templates = ['${', '{{', '<', '%(', '%s', '%{', '#{', '$(', '@{', '{', '$'];
const maxUniform = 64;

/**
 * True where the value stands for a value: a template, a reference to the environment, or one repeated character.
 * Reads a bounded number of characters.
 */
export function isPlaceholder(text: string, start: number, end: number): boolean {
  if (end <= start) return true;
  if (templates.some((opening) => text.startsWith(opening, start) && isClosed(text, start, end, opening))) return true;
  return isUniform(text, start, end);
}

/** The closing bracket may have ended the value. `$` begins a shell variable only where a name follows and nothing else: `$ecret!` is a password. */
function isClosed(text: string, start: number, end: number, opening: string): boolean {
  const value = text.slice(start, Math.min(end, start + 128));
  if (opening === '$') return /^\$[A-Za-z_][A-Za-z0-9_]*$/.test(value) && value === value.toUpperCase();
  if (opening === '{') return /^\{[\w.: -]{0,64}\}?$/.test(value);
  if (opening === '%s') return value.length <= 3;
  if (opening === '<') return value.endsWith('>') || value.length < 2;
  return /[)}]/.test(text.slice(start, Math.min(end + 1, start + 128)));
}

function isUniform(text: string, start: number, end: number): boolean {
  if (end - start > maxUniform) return false;
  const first = text.charCodeAt(start);
  for (let i = start + 1; i < end; i += 1) {
    if (text.charCodeAt(i) !== first) return false;
  }
  return true;
}
