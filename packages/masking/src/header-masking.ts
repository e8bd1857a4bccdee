import type { MaskEvidence } from '@tachograph/protocol';
import type { HeaderMaskResult, HeaderValues } from './mask-result.ts';
import { isMaskToken, maskToken } from './mask-token.ts';
import { applyEdits, type Edit } from './walk/edit.ts';
import { failedEdit } from './walk/failed-edit.ts';
import type { WalkTools } from './walk/walk-tools.ts';

/** Masks header values: all of a secret header, and what is found in the others. */
export function maskHeaderValues(headers: HeaderValues, tools: WalkTools): HeaderMaskResult {
  const masked: Record<string, string | string[] | undefined> = {};
  const spans: MaskEvidence[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const values = (typeof value === 'string' ? [value] : (value ?? [])).map((one) => maskValue(name, one, tools));
    for (const { rules } of values) spans.push(...toEvidence(name, rules));
    masked[name] = typeof value === 'string' ? values[0]?.text : value && values.map(({ text }) => text);
  }
  if (spans.length === 0) return { kind: 'clean' };
  return { kind: 'masked', headers: masked, hits: spans.reduce((sum, { count }) => sum + count, 0), spans };
}

interface MaskedValue {
  readonly text: string;
  readonly rules: readonly string[];
}

function maskValue(name: string, value: string, tools: WalkTools): MaskedValue {
  const key = tools.keys.classify(name);
  if (key !== undefined) {
    const stands = value === '' || isMaskToken(value, 0, value.length);
    return stands ? { text: value, rules: [] } : { text: maskToken(key.rule), rules: [key.rule] };
  }
  const edits = findOrAll(value, tools);
  return { text: applyEdits(value, edits), rules: edits.map(({ rule }) => rule) };
}

function findOrAll(value: string, tools: WalkTools): readonly Edit[] {
  try {
    return tools.findInText(value, tools, 1);
  } catch {
    return [failedEdit(value)];
  }
}

function toEvidence(name: string, rules: readonly string[]): readonly MaskEvidence[] {
  return [...new Set(rules)].map((rule) => ({
    rule,
    path: `header:${name}`,
    count: rules.filter((other) => other === rule).length,
    transform: 'redact',
  }));
}
