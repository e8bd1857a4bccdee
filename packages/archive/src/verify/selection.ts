import type { Verification } from './verification.ts';

const selections = new WeakMap<Verification, ReadonlySet<string>>();

/** Whether this copy claims to hold the object. A bucket and a whole pull claim everything that the log names. */
export function isSelected(run: Verification, object: string): boolean {
  const { pull } = run;
  if (pull === undefined || pull.selection.kind === 'all') return true;
  const known = selections.get(run) ?? new Set(pull.objects);
  selections.set(run, known);
  return known.has(object);
}
