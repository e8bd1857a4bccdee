/** Below this, Node sends head and text in one write; above, encoding the text again costs more than a second write. */
const oneWriteBytes = 16 * 1024;

/** The cheaper of two forms of the same bytes. `text` must be their exact UTF-8 reading. */
export function wireForm(bytes: Buffer, text: string): Buffer | string {
  return bytes.length <= oneWriteBytes ? text : bytes;
}
