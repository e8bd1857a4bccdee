import type { MaskEvidence, MaskingSpec } from '@tachograph/protocol';
import { maskLimits } from './limits.ts';
import { maskHeaderValues } from './header-masking.ts';
import type { HeaderMaskResult, HeaderValues, MaskResult } from './mask-result.ts';
import { createRuleSet } from './rule-set.ts';
import { createTextScanner } from './scan/text-scanner.ts';
import { applyEdits, toOrderedEdits, type Edit } from './walk/edit.ts';
import { createStringReader } from './walk/json-string.ts';
import { findInText } from './walk/find-in-text.ts';
import { walkJson } from './walk/json-walk.ts';
import type { WalkTools } from './walk/walk-tools.ts';

/** Finds and masks secrets. Pure; one masker serves any number of messages, one at a time. */
export interface Masker {
  /** Names the rule set: `hash` of all data that decides what is masked. */
  readonly rulesHash: string;
  /** One JSON-RPC message or batch, raw. Strict: what is not RFC 8259 is refused as `invalid`. Limits: `maskLimits`. */
  readonly maskJson: (text: string) => MaskResult;
  /** Free text, or JSON that is no message (an SSE comment, a query value, standard error). */
  readonly maskText: (text: string) => MaskResult;
  /** For the record. Evidence paths are `header:<name>`. */
  readonly maskHeaders: (headers: HeaderValues) => HeaderMaskResult;
}

/** Compiles the rules once (about 1 ms). `hash` is SHA-256 in hex. */
export function createMasker(spec: MaskingSpec, hash: (text: string) => string): Masker {
  const rules = createRuleSet(spec);
  const scanner = createTextScanner(rules.detectors);
  const tools: WalkTools = { keys: rules.keys, scanner, reader: createStringReader(scanner), findInText };
  return {
    rulesHash: hash(rules.canonical),
    maskJson: (text) => maskJson(text, tools),
    maskText: (text) => maskText(text, tools),
    maskHeaders: (headers) => maskHeaderValues(headers, tools),
  };
}

function maskJson(text: string, tools: WalkTools): MaskResult {
  if (text.length > maskLimits.maxLength) return { kind: 'refused', reason: 'too_large' };
  const walked = walkJson(text, tools, 0);
  return walked.kind === 'refused' ? walked : toResult(text, toOrderedEdits(walked.edits));
}

function maskText(text: string, tools: WalkTools): MaskResult {
  if (text.length > maskLimits.maxLength) return { kind: 'refused', reason: 'too_large' };
  return toResult(text, findInText(text, tools, 1));
}

function toResult(text: string, edits: readonly Edit[]): MaskResult {
  if (edits.length === 0) return { kind: 'clean' };
  return { kind: 'masked', text: applyEdits(text, edits), hits: edits.length, spans: toEvidence(edits) };
}

function toEvidence(edits: readonly Edit[]): readonly MaskEvidence[] {
  const counted = new Map<string, MaskEvidence>();
  for (const { rule, path, replacement } of edits) {
    const transform = replacement === '0' ? 'zero' : 'redact';
    const key = `${rule}\n${path}\n${transform}`;
    const known = counted.get(key);
    if (known === undefined && counted.size >= maskLimits.maxSpans) continue;
    counted.set(key, { rule, path, count: (known?.count ?? 0) + 1, transform });
  }
  return [...counted.values()];
}
