import type { MaskEvidence } from '@tachograph/protocol';
import { maskLimits } from './limits.ts';
import type { BelievedPoints } from './mask-policy.ts';
import type { MaskedText, MaskResult } from './mask-result.ts';
import { applyEdits, toOrderedEdits, type Edit } from './walk/edit.ts';

/** Where both points believe the same they share one splice. */
export function toMaskResult(text: string, edits: readonly Edit[], believesWeak: BelievedPoints): MaskResult {
  if (edits.length === 0) return { kind: 'clean' };
  const strong = edits.filter(({ weak }) => weak !== true);
  const recorded = believesWeak.record ? edits : strong;
  const shown = believesWeak.client ? edits : strong;
  if (recorded.length === 0 && shown.length === 0) return { kind: 'clean' };
  const record = toMaskedText(text, recorded);
  if (shown.length === recorded.length) return { kind: 'masked', record, client: record };
  return { kind: 'masked', record, client: shown.length === 0 ? undefined : toMaskedText(text, shown) };
}

export function toMaskedText(text: string, edits: readonly Edit[]): MaskedText {
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
