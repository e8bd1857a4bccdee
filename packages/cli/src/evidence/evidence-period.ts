/** The time that an export is about. */
import { CliError } from '../cli-error.ts';

/** Half open, RFC 3339 with milliseconds. */
export interface EvidencePeriod {
  readonly from: string;
  readonly to: string;
}

const dayMs = 86_400_000;

/** From what people type: a day, or a time. A day given as the end is included. Throws `usage`. */
export function parsePeriod(from: string, to: string): EvidencePeriod {
  const fromMs = parseTime('--from', from);
  const toMs = parseTime('--to', to) + (isDay(to) ? dayMs : 0);
  if (fromMs >= toMs) throw new CliError('usage', `expected --from before --to, got ${from} and ${to}`);
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function parseTime(option: string, text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new CliError('usage', `${option}: expected YYYY-MM-DD or an RFC 3339 time, got ${text}`);
  return ms;
}

function isDay(text: string): boolean {
  return text.length === 10;
}

/** Whether a time of a record or leaf lies in the period. One that cannot be read lies nowhere. */
export function isWithin({ from, to }: EvidencePeriod, time: string): boolean {
  const ms = Date.parse(time);
  return ms >= Date.parse(from) && ms < Date.parse(to);
}

/** Whether a segment can hold records of the period, by its day and by when it came; a clock may be a day off. */
export function mayHoldRecords({ from, to }: EvidencePeriod, object: string, receivedAt: string): boolean {
  const day = /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(object)?.[1];
  const startMs = Date.parse(`${day ?? ''}T00:00:00Z`);
  if (!Number.isNaN(startMs) && startMs - dayMs >= Date.parse(to)) return false;
  return !(Date.parse(receivedAt) + dayMs < Date.parse(from));
}
