/** The version of this format: `v` of every record, leaf and manifest. */
import { parseJsonFields } from './json-object.ts';

const formatVersion = 1;

/** `v` of a JSON object's text; `undefined` when it has none. */
export function versionOf(text: string): unknown {
  return parseJsonFields(text).get('v');
}

/** Whether `v` names a version after this one: what it means is not known here, and so nothing is held against it. */
export function isNewerVersion(version: unknown): version is number {
  return typeof version === 'number' && Number.isInteger(version) && version > formatVersion;
}

/** Says so. */
export function newerVersionReason(version: number): string {
  return `is of format version ${version}, this verifier knows version ${formatVersion}: use a newer one`;
}

/** Whether a reason is that of a newer version. */
export function isNewerReason(reason: string): boolean {
  return reason.startsWith('is of format version ');
}
