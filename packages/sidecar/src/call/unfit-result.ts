/** What a client reads where masking broke a result: a tool's error, never content that its own schema refuses. */
import type { JsonRpcId, RecordedMask } from '@tachograph/protocol';

const shown = 5;

/** Says which rules hid something and where; nothing of the values. */
export function unfitResult(id: JsonRpcId | null, { spans = [] }: RecordedMask): string {
  const places = spans.slice(0, shown).map(({ rule, path }) => `${rule} at ${path}`);
  const more = spans.length > shown ? [`and ${spans.length - shown} more`] : [];
  const hidden = [...places, ...more].join(', ');
  const text = `the result is withheld: what masking leaves of it does not fit the tool's output schema (hidden: ${hidden})`;
  const result = { content: [{ type: 'text', text }], isError: true, resultType: 'complete' };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}
