/** A harmless value of each format that validators know; none of them is anybody's. */
export const formatStandIns: ReadonlyMap<string, string> = new Map([
  ['email', 'redacted@redacted.invalid'],
  ['idn-email', 'redacted@redacted.invalid'],
  ['uuid', '00000000-0000-4000-8000-000000000000'],
  ['date', '1970-01-01'],
  ['time', '00:00:00Z'],
  ['iso-time', '00:00:00Z'],
  ['date-time', '1970-01-01T00:00:00Z'],
  ['iso-date-time', '1970-01-01T00:00:00Z'],
  ['duration', 'PT0S'],
  ['uri', 'https://redacted.invalid/'],
  ['uri-reference', 'https://redacted.invalid/'],
  ['uri-template', 'https://redacted.invalid/'],
  ['url', 'https://redacted.invalid/'],
  ['iri', 'https://redacted.invalid/'],
  ['iri-reference', 'https://redacted.invalid/'],
  ['hostname', 'redacted.invalid'],
  ['idn-hostname', 'redacted.invalid'],
  ['ipv4', '0.0.0.0'],
  ['ipv6', '::'],
  ['regex', '.*'],
  ['json-pointer', '/redacted'],
  ['json-pointer-uri-fragment', '#/redacted'],
  ['relative-json-pointer', '0'],
  ['byte', 'AAAA'],
]);

/** Formats that any string, or any small whole number, satisfies. */
export const freeFormats: ReadonlySet<string> = new Set(['password', 'binary', 'int32', 'int64', 'float', 'double']);

/** True for a string that was put where the format rules; undefined: not known, as for all others of a known format. */
export function satisfiesFormat(format: string, value: string): boolean | undefined {
  const standIn = formatStandIns.get(format);
  return standIn === undefined || standIn === value ? true : undefined;
}
