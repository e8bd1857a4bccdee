import type { MaskingSpec } from '@tachograph/protocol';
import { checkCustomPattern } from './detectors/check-custom-pattern.ts';
import { blobRuleId, pathRuleId } from './policy-rule-ids.ts';
import { ruleIds } from './rule-set.ts';
import { parsePath } from './rules-by-path/parse-path.ts';

/** What keeps a spec from being used as written. `path`: a JSON Pointer within the spec. */
export interface MaskingFault {
  readonly path: string;
  readonly message: string;
}

/** Faults of a spec, with the path of each; empty where the spec can be compiled. Used at admission. */
export function checkMaskingSpec(spec: MaskingSpec): readonly MaskingFault[] {
  const own = new Set((spec.patterns ?? []).map(({ id }) => id));
  const isRule = (id: string): boolean =>
    ruleIds.has(id) || own.has(id) || id === pathRuleId || id === blobRuleId || /^recognized-[a-z0-9-]+$/.test(id);
  return [
    ...(spec.off ?? []).flatMap((id, index) => (ruleIds.has(id) ? [] : [noRule(`/off/${index}`, id)])),
    ...(spec.keys ?? []).flatMap(checkKey),
    ...checkPatterns(spec.patterns ?? []),
    ...(spec.rules ?? []).flatMap(checkRule),
    ...Object.keys(spec.transforms ?? {}).flatMap((id) =>
      id === 'default' || isRule(id) ? [] : [noRule(`/transforms/${id.slice(0, 64)}`, id)],
    ),
    ...(spec.allow ?? []).flatMap(({ rule }, index) =>
      rule === undefined || isRule(rule) ? [] : [noRule(`/allow/${index}/rule`, rule)],
    ),
    ...checkUrl(spec.recognizer?.url),
  ];
}

function noRule(path: string, id: string): MaskingFault {
  return { path, message: `no masking rule has the id "${id.slice(0, 64)}"` };
}

function checkKey(key: string, index: number): readonly MaskingFault[] {
  return /^(?=.*[A-Za-z0-9])[A-Za-z0-9_.\- ]{2,64}$/.test(key)
    ? []
    : [{ path: `/keys/${index}`, message: 'expected 2 to 64 letters, digits, blanks, "_", "-" or "."' }];
}

function checkPatterns(patterns: NonNullable<MaskingSpec['patterns']>): readonly MaskingFault[] {
  return patterns.flatMap((pattern, index) => {
    const at = `/patterns/${index}`;
    const isTaken = ruleIds.has(pattern.id) || patterns.findIndex(({ id }) => id === pattern.id) < index;
    const taken = isTaken ? [{ path: `${at}/id`, message: 'another rule has this id' }] : [];
    return [...taken, ...checkCustomPattern(pattern).map(({ path, message }) => ({ path: at + path, message }))];
  });
}

function checkRule({ path }: NonNullable<MaskingSpec['rules']>[number], index: number): readonly MaskingFault[] {
  const parsed = parsePath(path);
  return typeof parsed === 'string' ? [{ path: `/rules/${index}/path`, message: parsed }] : [];
}

function checkUrl(url: string | undefined): readonly MaskingFault[] {
  if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return [];
  return [{ path: '/recognizer/url', message: 'expected an http or https URL' }];
}
