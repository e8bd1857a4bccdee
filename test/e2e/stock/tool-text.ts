/** The words of a tool's result. */
export function echoedBy(result: object): string {
  const { content = [] } = result as { content?: readonly { readonly text?: string }[] };
  return content.map(({ text = '' }) => text).join('\n');
}
