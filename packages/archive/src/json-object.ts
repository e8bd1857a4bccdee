/** Fields of a JSON object's text; none when it is no object. Values stay unknown: whoever reads one checks it. */
export function parseJsonFields(text: string): ReadonlyMap<string, unknown> {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return new Map();
  }
}

/** Fields of a value; none when it is no object. */
export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : new Map();
}
