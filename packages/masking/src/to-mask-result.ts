import type { MaskEvidence } from '@tachograph/protocol';
import { maskLimits } from './limits.ts';
import type { BelievedPoints } from './mask-policy.ts';
import type { MaskedText, MaskResult } from './mask-result.ts';
import { fitToSchema, type FittedEdits } from './schema/fit-to-schema.ts';
import { applyEdits, toOrderedEdits, type Edit } from './walk/edit.ts';

/** Where both points believe the same they share one splice. */
export function toMaskResult(
  text: string,
  edits: readonly Edit[],
  believesWeak: BelievedPoints,
  outputSchema?: unknown,
): MaskResult {
  if (edits.length === 0) return { kind: 'clean' };
  const strong = edits.filter(({ weak }) => weak !== true);
  const recorded = believesWeak.record ? edits : strong;
  const shown = believesWeak.client ? edits : strong;
  if (recorded.length === 0 && shown.length === 0) return { kind: 'clean' };
  const fit = (chosen: readonly Edit[]): FittedEdits =>
    outputSchema === undefined ? { edits: chosen, isSafe: true } : fitToSchema(text, chosen, outputSchema);
  const fittedRecord = fit(recorded);
  const record = toMaskedText(text, fittedRecord.edits);
  if (shown.length === recorded.length) return { kind: 'masked', record, client: record, ...unlessSafe(fittedRecord) };
  if (shown.length === 0) return { kind: 'masked', record, client: undefined };
  const fittedClient = fit(shown);
  return { kind: 'masked', record, client: toMaskedText(text, fittedClient.edits), ...unlessSafe(fittedClient) };
}

function unlessSafe({ isSafe }: FittedEdits): { readonly unsafeForSchema?: true } {
  return isSafe ? {} : { unsafeForSchema: true };
}

function toMaskedText(text: string, edits: readonly Edit[]): MaskedText {
  const ordered = toOrderedEdits(edits);
  const findings = ordered.flatMap((edit) => edit.parts ?? [edit]);
  return { text: applyEdits(text, ordered), hits: findings.length, spans: toEvidence(findings) };
}

function toEvidence(edits: readonly Edit[]): readonly MaskEvidence[] {
  const counted = new Map<string, MaskEvidence>();
  for (const { rule, path, replacement, transform: said, token } of edits) {
    const transform = said ?? (replacement === '0' ? 'zero' : 'redact');
    const key = `${rule}\n${path}\n${transform}\n${token ?? ''}`;
    const known = counted.get(key);
    if (known === undefined && counted.size >= maskLimits.maxSpans) continue;
    const evidence = { rule, path, count: (known?.count ?? 0) + 1, transform };
    counted.set(key, token === undefined ? evidence : { ...evidence, token });
  }
  return [...counted.values()];
}
