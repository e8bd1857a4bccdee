/**
 * Recorded text for a terminal or a log: what could move the cursor, change colours, or turn the direction of what is
 * read stands as a JSON escape. JSON text keeps its value.
 */
export function safeText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped);
}

function escaped(char: string): string {
  return [...Array(char.length).keys()].map((i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}
