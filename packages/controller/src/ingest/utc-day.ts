import { dayOf } from '@tachograph/protocol';

/** The UTC day of a record's time. It becomes part of an object's name, so nothing but a day may come of it; `undefined` otherwise. */
export function utcDay(time: string): string | undefined {
  const valid = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(time) && !Number.isNaN(Date.parse(time));
  return valid ? dayOf(time) : undefined;
}
