import { EmulatorError } from './emulator-error.ts';
import { type Fields, parseFields } from './json-fields.ts';
import type { EditableMetadata, ObjectRetention } from './resources.ts';

/** A change to metadata: `null` removes a field; inside `metadata`, a null removes that key. */
export type MetadataPatch = { readonly [Field in keyof EditableMetadata]?: EditableMetadata[Field] | null } & {
  readonly metadata?: Readonly<Record<string, string | null>> | null;
};

const textFields = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'customTime',
] as const;
const flagFields = ['temporaryHold', 'eventBasedHold'] as const;

/** Picks the editable fields of an object resource; unknown and read-only fields are ignored, as GCS does. */
export function parseMetadataPatch(resource: Fields): MetadataPatch {
  const patch: Record<string, unknown> = {};
  for (const field of textFields) assign(patch, field, parseText(resource[field], field));
  for (const field of flagFields) assign(patch, field, parseFlag(resource[field], field));
  assign(patch, 'metadata', parseCustomMetadata(resource['metadata']));
  assign(patch, 'retention', parseRetention(resource['retention']));
  return patch;
}

/** Applies a patch; the rules on holds and retention are the caller's. */
export function applyMetadataPatch(before: EditableMetadata, patch: MetadataPatch): EditableMetadata {
  const merged: Record<string, unknown> = { ...pickEditable(before), ...patch };
  if (patch.metadata) {
    const custom = Object.entries({ ...before.metadata, ...patch.metadata }).filter(([, value]) => value !== null);
    merged['metadata'] = Object.fromEntries(custom);
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== undefined));
}

/** The client's part of a version's fields. */
export function pickEditable(version: EditableMetadata): EditableMetadata {
  const fields = [...textFields, ...flagFields, 'metadata', 'retention'] as const;
  return Object.fromEntries(
    fields.filter((field) => version[field] !== undefined).map((field) => [field, version[field]]),
  );
}

function assign(target: Record<string, unknown>, field: string, value: unknown): void {
  if (value !== undefined) target[field] = value;
}

function parseText(value: unknown, field: string): string | null | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value;
  throw invalid(field);
}

function parseFlag(value: unknown, field: string): boolean | null | undefined {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  throw invalid(field);
}

function parseCustomMetadata(value: unknown): Record<string, string | null> | null | undefined {
  if (value === undefined || value === null) return value;
  const custom: Record<string, string | null> = {};
  for (const [key, item] of Object.entries(parseFields(value, 'metadata'))) {
    custom[key] = parseText(item, `metadata.${key}`) ?? null;
  }
  return custom;
}

function parseRetention(value: unknown): ObjectRetention | null | undefined {
  if (value === undefined || value === null) return value;
  const { mode, retainUntilTime } = parseFields(value, 'retention');
  if (mode === undefined && retainUntilTime === undefined) return null;
  if (mode !== 'Locked' && mode !== 'Unlocked') throw invalid('retention.mode');
  if (typeof retainUntilTime !== 'string' || Number.isNaN(Date.parse(retainUntilTime))) {
    throw invalid('retention.retainUntilTime');
  }
  return { mode, retainUntilTime: new Date(retainUntilTime).toISOString() };
}

function invalid(field: string): EmulatorError {
  return new EmulatorError('invalid', `Invalid value for: ${field}`, { location: field });
}
