import { EmulatorError } from './emulator-error.ts';

/** The four conditions of the JSON API; `ifGenerationMatch: 0` means "no live version". */
export interface Preconditions {
  readonly ifGenerationMatch?: number;
  readonly ifGenerationNotMatch?: number;
  readonly ifMetagenerationMatch?: number;
  readonly ifMetagenerationNotMatch?: number;
}

const names = [
  'ifGenerationMatch',
  'ifGenerationNotMatch',
  'ifMetagenerationMatch',
  'ifMetagenerationNotMatch',
] as const;

/** Reads the conditions from query parameters; `prefix` is `ifSource` for the source of a rewrite. */
export function parsePreconditions(query: Readonly<Record<string, unknown>>, source = false): Preconditions {
  const entries = names.flatMap((name) => {
    const parameter = source ? name.replace(/^if/, 'ifSource') : name;
    const value = query[parameter];
    return value === undefined ? [] : [[name, parseInt64(parameter, value)] as const];
  });
  return Object.fromEntries(entries);
}

/** A decimal query parameter; anything else is 400 `invalid`. */
export function parseInt64(parameter: string, value: unknown): number {
  if (typeof value === 'string' && /^\d{1,18}$/.test(value)) return Number(value);
  throw new EmulatorError('invalid', `Invalid value for: ${parameter}`, { location: parameter });
}

/** Throws 412 (304 for a read that is merely unchanged) when a condition does not hold. */
export function checkPreconditions(
  wanted: Preconditions,
  found: { readonly generation: number; readonly metageneration: number } | undefined,
  access: 'read' | 'write',
): void {
  const generation = found?.generation ?? 0;
  const metageneration = found?.metageneration ?? 0;
  refuseUnless(wanted.ifGenerationMatch, (value) => value === generation);
  refuseUnless(wanted.ifMetagenerationMatch, (value) => value === metageneration);
  const unchanged = wanted.ifGenerationNotMatch === generation || wanted.ifMetagenerationNotMatch === metageneration;
  if (!unchanged) return;
  if (access === 'read') throw new EmulatorError('notModified', 'Not Modified');
  throw conditionNotMet();
}

function refuseUnless(wanted: number | undefined, holds: (value: number) => boolean): void {
  if (wanted !== undefined && !holds(wanted)) throw conditionNotMet();
}

function conditionNotMet(): EmulatorError {
  return new EmulatorError('conditionNotMet', 'At least one of the pre-conditions you specified did not hold.', {
    location: 'If-Match',
  });
}
