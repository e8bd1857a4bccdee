/** One record as people read it: who said what to whom, the exact message, and what masking and policy did. */
import type { MaskEvidence, RecordedDecision, StoredRecord } from '@tachograph/protocol';
import type { SessionRecord } from './read-session.ts';
import { safeText } from './safe-text.ts';

/** Records that are shown without being asked for: messages, and what was decided about them. */
const shownKinds: ReadonlySet<string> = new Set<StoredRecord['kind']>([
  'session.open',
  'session.close',
  'mcp.request',
  'mcp.response',
  'mcp.notification',
  'decision',
  'hold.open',
  'hold.decision',
  'ledger.drift',
  'gap',
]);

/** Whether a record is part of the conversation. */
export function isShown({ record }: SessionRecord): boolean {
  return shownKinds.has(record.kind) || (record.outcome !== undefined && record.outcome !== 'answered');
}

/** The lines of one record, each ended by LF. */
export function recordText({ record, body, sealedBytes }: SessionRecord): string {
  const lines = [
    headLine(record),
    ...(body === undefined ? [] : [`  ${safeText(body)}`]),
    ...(sealedBytes === undefined ? [] : [`  [sealed body, ${sealedBytes} bytes]`]),
    ...(record.blob !== undefined && body === undefined && sealedBytes === undefined
      ? [`  (body of ${record.blob.size} bytes is not in this copy)`]
      : []),
    ...maskLines(record),
    ...decisionLines(record),
  ];
  return `${lines.join('\n')}\n`;
}

const arrows = { c2s: '->', s2c: '<-' } as const;

function headLine(record: StoredRecord): string {
  const { time, seq, dir, kind, mcp_method_name: method, gen_ai_tool_name: tool, jsonrpc_request_id: id } = record;
  const parts = [
    time,
    `#${seq}`,
    dir === undefined ? '--' : (arrows[dir] ?? '--'),
    kind,
    method,
    tool,
    id === undefined ? undefined : `id ${id}`,
    record.principal === undefined || dir === 's2c' ? undefined : `by ${record.principal.sub}`,
    record.error_type === undefined ? undefined : `error ${record.error_type}`,
    record.outcome === undefined ? undefined : record.outcome.toUpperCase(),
  ];
  return safeText(parts.filter((part) => part !== undefined).join('  '));
}

function maskLines({ mask }: StoredRecord): readonly string[] {
  if (mask === undefined) return [];
  const spans = listOf(mask.spans).map((span) => `  masked    ${spanText(span)}`);
  const seen = listOf(mask.client_saw).map((span) => `  client saw ${spanText(span)}`);
  const hidden = mask.hits > 0 && spans.length === 0 ? [`  masked    ${mask.hits} places`] : [];
  return [
    ...spans,
    ...hidden,
    ...seen,
    ...(mask.inspected === false ? ['  not inspected: bytes that are no text'] : []),
  ];
}

function spanText({ rule, path, count, transform, token }: MaskEvidence): string {
  const as = token === undefined ? '' : ` as ${token}`;
  return safeText(`${rule} x${count} at ${path} (${transform})${as}`);
}

const toldKinds: ReadonlySet<string> = new Set<StoredRecord['kind']>(['hold.open', 'hold.decision', 'gap', 'decision']);

function decisionLines({ decision, detail, kind }: StoredRecord): readonly string[] {
  const verdict = decision === undefined || decision.verdict === 'allow' ? [] : [verdictText(decision)];
  const told = toldKinds.has(kind) && detail !== undefined ? [JSON.stringify(detail)] : [];
  return [...verdict, ...told].map((line) => `  ${safeText(line)}`);
}

function verdictText({ verdict, rule, policy, reason }: RecordedDecision): string {
  const word = verdict === 'deny' ? 'DENIED' : 'HELD';
  const by = rule === undefined ? 'by default' : `by rule ${rule}`;
  const of = policy === undefined ? '' : ` of ${policy}`;
  return `${word}  ${by}${of}${reason === undefined ? '' : `: ${reason}`}`;
}

function listOf(value: readonly MaskEvidence[] | undefined): readonly MaskEvidence[] {
  return Array.isArray(value) ? value : [];
}

/** The record's exact line, with the body of its blob; safe for a terminal, and the same JSON value. */
export function recordJson({ text, record, body }: SessionRecord): string {
  if (record.enc !== undefined && body !== undefined) {
    const { enc: _enc, ...opened } = record;
    return safeText(JSON.stringify({ ...opened, body }));
  }
  if (record.blob === undefined || body === undefined) return safeText(text);
  return safeText(`${text.slice(0, text.lastIndexOf('}'))},"body":${JSON.stringify(body)}}`);
}
