const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text of element or attribute. Recorded texts and names must neither be markup nor change what stands beside them:
 * controls and direction marks are shown as such.
 */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (char) => entities[char] ?? '')
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');
}
