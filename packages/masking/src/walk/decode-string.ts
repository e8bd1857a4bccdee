/** The content of a JSON string token, decoded; undefined where an escape is no escape. */
export function decodeString(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw;
  try {
    const decoded: unknown = JSON.parse(`"${raw}"`);
    return typeof decoded === 'string' ? decoded : undefined;
  } catch {
    return undefined;
  }
}
