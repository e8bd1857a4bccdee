import { EmulatorError } from './emulator-error.ts';
import { type Fields, parseFields } from './json-fields.ts';

/** A disturbance that a tester asks for. All but `corrupt-at-rest` wait for the next matching requests. */
export type Fault =
  | (Waiting & { readonly kind: 'status'; readonly status: number })
  | (Waiting & { readonly kind: 'reset' })
  | (Waiting & { readonly kind: 'drop-after-commit' })
  | (Waiting & { readonly kind: 'slow'; readonly delayMs: number })
  | (Waiting & { readonly kind: 'corrupt-at-rest'; readonly how: 'flip' | 'truncate' | 'swap' });

interface Waiting {
  readonly times: number;
  readonly match: FaultMatch;
}

/** Which requests (for corruption: which objects) a fault concerns; an absent field matches everything. */
export interface FaultMatch {
  readonly method?: string;
  readonly objectPrefix?: string;
  readonly bucket?: string;
}

/** What a fault is matched against. */
export interface FaultSubject {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly object: string | undefined;
}

/** The faults that still wait. */
export class FaultQueue {
  #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times });
  }

  clear(): void {
    this.#waiting = [];
  }

  list(): object[] {
    return this.#waiting.map(({ fault, left }) => ({ ...fault, left }));
  }

  /**
   * Takes one turn of every fault that matches, in the order in which they were added. `after` are the faults that
   * wait for an answer about to be sent; `before` all others.
   */
  take(subject: FaultSubject, phase: 'before' | 'after'): Fault[] {
    const matching = this.#waiting.filter(
      ({ fault }) => (fault.kind === 'drop-after-commit') === (phase === 'after') && matches(fault, subject),
    );
    for (const entry of matching) entry.left -= 1;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return matching.map(({ fault }) => fault);
  }
}

function matches(fault: Fault, subject: FaultSubject): boolean {
  const { method, bucket, objectPrefix } = fault.match;
  // Nothing is committed by a read, so without a method a dropped answer means a dropped answer to a write.
  if (method === undefined && fault.kind === 'drop-after-commit' && subject.method === 'GET') return false;
  return (
    (method === undefined || method.toUpperCase() === subject.method) &&
    (bucket === undefined || bucket === subject.bucket) &&
    (objectPrefix === undefined || subject.object?.startsWith(objectPrefix) === true)
  );
}

/** Reads the body of `POST /emulator/faults`. */
export function parseFault(value: Fields): Fault {
  const waiting: Waiting = { times: parseCount(value['times'] ?? 1, 'times'), match: parseMatch(value['match'] ?? {}) };
  switch (value['kind']) {
    case 'status':
      return { kind: 'status', status: parseStatus(value['status']), ...waiting };
    case 'reset':
      return { kind: 'reset', ...waiting };
    case 'drop-after-commit':
      return { kind: 'drop-after-commit', ...waiting };
    case 'slow':
      return { kind: 'slow', delayMs: parseCount(value['delayMs'], 'delayMs'), ...waiting };
    case 'corrupt-at-rest':
      return { kind: 'corrupt-at-rest', how: parseHow(value['how'] ?? 'flip'), ...waiting };
    default:
      throw invalid('kind');
  }
}

function parseCount(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw invalid(field);
}

function parseHow(value: unknown): 'flip' | 'truncate' | 'swap' {
  if (value === 'flip' || value === 'truncate' || value === 'swap') return value;
  throw invalid('how');
}

function parseStatus(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599) return value;
  throw invalid('status');
}

function parseMatch(value: unknown): FaultMatch {
  const match = parseFields(value, 'match');
  const fields = ['method', 'bucket', 'objectPrefix'];
  for (const [name, item] of Object.entries(match)) {
    if (!fields.includes(name) || typeof item !== 'string') throw invalid(`match.${name}`);
  }
  return match;
}

function invalid(field: string): EmulatorError {
  return new EmulatorError('invalid', `Invalid value for: ${field}`, { location: field });
}
