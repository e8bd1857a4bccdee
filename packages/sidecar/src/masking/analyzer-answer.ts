/** What Presidio's analyzer answers to `POST /analyze`. */

/** `text[start, end)` in code points. */
export interface AnalyzedEntity {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Reads an answer about a text of `length` code points; `undefined` for anything that cannot be one. */
export function parseAnalysis(json: string, length: number): readonly AnalyzedEntity[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const entities = value.map((entry) => parseEntity(entry, length));
  return entities.every((entity) => entity !== undefined) ? entities : undefined;
}

function parseEntity(value: unknown, length: number): AnalyzedEntity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map(Object.entries(value));
  const type: unknown = fields.get('entity_type');
  const start: unknown = fields.get('start');
  const end: unknown = fields.get('end');
  if (typeof type !== 'string' || !/^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(type)) return undefined;
  if (!isOffset(start, length) || !isOffset(end, length) || start >= end) return undefined;
  return typeof fields.get('score') === 'number' ? { type, start, end } : undefined;
}

function isOffset(value: unknown, length: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= length;
}
