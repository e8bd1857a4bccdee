import { decodeString } from '../walk/decode-string.ts';
import { applyEdits, toOrderedEdits, type Edit } from '../walk/edit.ts';
import { toRawEdits } from '../walk/raw-offsets.ts';
import { isObject, memberOf, parseJson } from './json-values.ts';
import { visitLeaves, type Leaf } from './locate-leaves.ts';
import { SchemaJudge } from './schema-judge.ts';
import { numberStandIns, stringStandIns } from './stand-ins.ts';
import { subschemasAt, type JsonPath } from './subschemas-at.ts';

/** Edits after which `structuredContent` satisfies its schema, or as they were where that is not sure (`isSafe` false). */
export interface FittedEdits {
  readonly edits: readonly Edit[];
  readonly isSafe: boolean;
}

const contentPath = '/result/structuredContent';
const maxFixed = 1000;
/** Schemas may send a judge round in circles; so many steps are enough for any that does not. */
const minSteps = 20_000;
const stepsPerChar = 2;
const maxSteps = 1_000_000;

/**
 * Chooses other replacements where those of `edits` break the output schema, in structured content and in its text twin
 * alike (`masking.md` §4.5). Says it is safe only where the masked content is sure to be valid.
 */
export function fitToSchema(text: string, edits: readonly Edit[], schema: unknown): FittedEdits {
  if (!edits.some(({ path }) => path.startsWith(contentPath))) return { edits, isSafe: true };
  const ordered = toOrderedEdits(edits);
  const was = structuredContentOf(text);
  const isValid = (chosen: readonly Edit[]): boolean =>
    createJudge(schema, text).isValid(structuredContentOf(applyEdits(text, chosen)), was);
  if (isValid(ordered)) return { edits, isSafe: true };
  const fixes = findFixes(text, ordered, schema);
  const fixed = replaceEdits(
    ordered,
    fixes.map(({ edit }) => edit),
  );
  if (fixes.length === 0 || fixes.length > maxFixed || !isValid(fixed)) return { edits, isSafe: false };
  return { edits: replaceEdits(fixed, findTwinFixes(text, fixes, was)), isSafe: true };
}

function createJudge(schema: unknown, { length }: string): SchemaJudge {
  return new SchemaJudge(schema, Math.min(maxSteps, minSteps + length * stepsPerChar));
}

function structuredContentOf(text: string): unknown {
  const message = parseJson(text);
  const result = isObject(message) ? memberOf(message, 'result') : undefined;
  return isObject(result) ? memberOf(result, 'structuredContent') : undefined;
}

/** Another replacement for a whole leaf; `path` is within the structured content. */
interface Fix {
  readonly path: JsonPath;
  readonly edit: Edit;
}

function findFixes(text: string, edits: readonly Edit[], schema: unknown): readonly Fix[] {
  const judge = createJudge(schema, text);
  const fixes: Fix[] = [];
  visitEdited(text, edits, (leaf, own) => {
    const [result, content, ...path] = leaf.path();
    const [first] = own;
    if (result !== 'result' || content !== 'structuredContent' || first === undefined || fixes.length > maxFixed)
      return;
    const replacement = chooseStandIn(text, leaf, { own, schema, judge, path });
    if (replacement === undefined) return;
    const { start, end } = leaf;
    const { rule, weak } = first;
    const edit: Edit = { start, end, rule, path: first.path, replacement, transform: 'stand-in' };
    fixes.push({ path, edit: weak === true ? { ...edit, weak } : edit });
  });
  return fixes;
}

/** Strings and numbers that ordered edits touch, with those edits. */
function visitEdited(text: string, edits: readonly Edit[], visit: (leaf: Leaf, own: readonly Edit[]) => void): void {
  let next = 0;
  visitLeaves(text, (leaf) => {
    while ((edits[next]?.end ?? Infinity) <= leaf.start) next += 1;
    const own: Edit[] = [];
    for (let i = next; (edits[i]?.start ?? Infinity) < leaf.end; i += 1) {
      const edit = edits[i];
      if (edit !== undefined) own.push(edit);
    }
    if (own.length > 0) visit(leaf, own);
  });
}

interface Place {
  readonly own: readonly Edit[];
  readonly schema: unknown;
  readonly judge: SchemaJudge;
  readonly path: JsonPath;
}

/** What most of the subschemas accept; undefined where the replacement that is there is as good. */
function chooseStandIn(text: string, { start, end, isString }: Leaf, place: Place): string | undefined {
  const raw = text.slice(start, end);
  const edits = place.own.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }));
  const masked = applyEdits(raw, edits);
  const schemas = subschemasAt(place.schema, place.path);
  const candidates: readonly (string | number)[] = isString
    ? stringStandIns(schemas, decodeString(masked) ?? masked, decodeString(raw) ?? raw)
    : numberStandIns(schemas, Number(masked), Number(raw));
  const scores = candidates.map((one) => schemas.filter((schema) => place.judge.accepts(schema, one)).length);
  const best = scores.indexOf(Math.max(...scores));
  const chosen = candidates[best];
  return best <= 0 || chosen === undefined ? undefined : String(chosen);
}

/** `fixes` in place of the edits that they touch; ordered. */
function replaceEdits(edits: readonly Edit[], fixes: readonly Edit[]): readonly Edit[] {
  if (fixes.length === 0) return edits;
  const ordered = fixes.toSorted((a, b) => a.start - b.start);
  let next = 0;
  const kept = edits.filter(({ start, end }) => {
    while ((ordered[next]?.end ?? Infinity) <= start) next += 1;
    return (ordered[next]?.start ?? Infinity) >= end;
  });
  return [...kept, ...ordered].toSorted((a, b) => a.start - b.start);
}

/** The same replacements in a text of the result that is the structured content as JSON. */
function findTwinFixes(text: string, fixes: readonly Fix[], content: unknown): readonly Edit[] {
  const byPath = new Map(fixes.map(({ path, edit }) => [JSON.stringify(path), edit]));
  const twin = JSON.stringify(content);
  const found: Edit[] = [];
  visitLeaves(text, ({ path, start, end, isString }) => {
    if (!isString || !isContentText(path())) return;
    const decoded = decodeString(text.slice(start, end));
    if (decoded === undefined || JSON.stringify(parseJson(decoded)) !== twin) return;
    const pointer = `/${path().join('/')}`;
    found.push(...toRawEdits(text, start, fixesIn(decoded, byPath)).map((edit) => ({ ...edit, path: pointer })));
  });
  return found;
}

function isContentText(path: JsonPath): boolean {
  return path.length === 4 && path[0] === 'result' && path[1] === 'content' && path[3] === 'text';
}

function fixesIn(decoded: string, byPath: ReadonlyMap<string, Edit>): readonly Edit[] {
  const found: Edit[] = [];
  visitLeaves(decoded, ({ path, start, end }) => {
    const fix = byPath.get(JSON.stringify(path()));
    if (fix !== undefined) found.push({ ...fix, start, end });
  });
  return found;
}
