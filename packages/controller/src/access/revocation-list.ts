/** Revocations as they are stored: one secret that all replicas share, written with compare-and-set. */
import { maxRevocations, revocation, type Revocation } from '@tachograph/protocol';
import { ControllerError } from '../controller-error.ts';
import { loadOrCreate } from '../keys/signing-key.ts';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import { parseObject } from '../state/state-json.ts';

/** Well below the 1 MiB of a Kubernetes Secret, which base64 does not count against. */
const maxStoredBytes = 900_000;
const attempts = 8;
const member = 'revocations';

export interface RevocationList {
  read(): Promise<readonly Revocation[]>;
  /** Replaces the list by what `change` makes of it; `undefined` leaves it. Rejects with `unavailable` when it stays contended. */
  change(of: (found: readonly Revocation[]) => readonly Revocation[] | undefined): Promise<readonly Revocation[]>;
}

export function createRevocationList(secrets: Secrets): RevocationList {
  const load = async (): Promise<{ readonly found: readonly Revocation[]; readonly version: string }> => {
    const { data = {}, version = '' } = (await secrets.get(secretNames.revocations)) ?? {};
    return { found: parseList(data[member]), version };
  };
  return {
    read: async () => (await load()).found,
    async change(of) {
      await loadOrCreate(secrets, secretNames.revocations, () => ({ [member]: toText([]) }));
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const { found, version } = await load();
        const next = of(found);
        if (next === undefined) return found;
        const text = toText(next);
        if ((await secrets.update(secretNames.revocations, { [member]: text }, version)) === 'updated') return next;
      }
      throw new ControllerError('unavailable', 'the revocations are contended', { retryAfterMs: 1000 });
    },
  };
}

function toText(revocations: readonly Revocation[]): string {
  const text = JSON.stringify({ v: 1, revocations });
  if (revocations.length <= maxRevocations && Buffer.byteLength(text) <= maxStoredBytes) return text;
  throw new ControllerError(
    'too_many_held',
    `expected at most ${maxRevocations} revocations at once, and ${maxStoredBytes} bytes of them`,
  );
}

/** An entry that this version cannot read ends the program's word on all of them: a revocation is not lost in silence. */
function parseList(text: string | undefined): readonly Revocation[] {
  if (text === undefined) return [];
  const entries = parseObject(text)?.[member];
  if (!Array.isArray(entries)) throw new ControllerError('internal', 'the stored revocations are no list');
  return entries.map((entry: unknown) => {
    const parsed = revocation.safeParse(entry);
    if (!parsed.success) throw new ControllerError('internal', 'a stored revocation is not as written');
    return parsed.data;
  });
}
