import type { PullList } from '../pull-list.ts';

/** Which objects a copy claims to hold. A bucket and a whole pull claim everything that the log names. */
export function createSelection(pull: PullList | undefined): (object: string) => boolean {
  if (pull === undefined || pull.selection.kind === 'all') return () => true;
  const names = new Set(pull.objects);
  return (object) => names.has(object);
}
