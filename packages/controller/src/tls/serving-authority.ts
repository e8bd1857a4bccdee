/** The serving authority of controller and sequencer: old and new one side by side while it rotates. */
import { loadOrCreate } from '../keys/signing-key.ts';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import type { Clock } from '@tachograph/service';
import { ControllerError } from '../controller-error.ts';
import { createAuthority, renewalDueMs, validityOf, type CertifiedKey } from './certificates.ts';

const yearMs = 365 * 86_400_000;
/** A new root is published this long before it signs: the trust statement lives for an hour. */
const announceMs = 86_400_000;

export interface ServingAuthority {
  /** PEM roots that a client must accept now. */
  readonly roots: readonly string[];
  /** The one that signs leaves. */
  readonly signer: CertifiedKey;
}

/** Reads the authority, makes it at the first start, and adds its successor when two thirds of its life are over. */
export async function loadServingAuthority(secrets: Secrets, clock: Clock): Promise<ServingAuthority> {
  const now = clock.nowMs();
  await loadOrCreate(secrets, secretNames.servingAuthority, async () => toData([await newAuthority(now)]));
  const stored = await secrets.get(secretNames.servingAuthority);
  const known = fromData(stored?.data ?? {});
  const live = known.filter(({ cert }) => validityOf(cert).untilMs > now);
  const newest = live.at(-1);
  if (stored !== undefined && (newest === undefined || renewalDueMs(newest.cert) <= now)) {
    const next = [...live, await newAuthority(now)];
    const outcome = await secrets.update(secretNames.servingAuthority, toData(next), stored.version);
    // Another replica was first: its successor is the one.
    return outcome === 'updated' ? choose(next, now) : loadServingAuthority(secrets, clock);
  }
  return choose(live, now);
}

async function newAuthority(now: number): Promise<CertifiedKey> {
  return createAuthority('tachograph serving authority', { fromMs: now, lifeMs: yearMs });
}

function choose(authorities: readonly CertifiedKey[], now: number): ServingAuthority {
  const announced = authorities.findLast(({ cert }) => validityOf(cert).fromMs + announceMs <= now);
  const signer = announced ?? authorities[0];
  if (signer === undefined) throw new ControllerError('internal', 'no serving authority is valid');
  return { roots: authorities.map(({ cert }) => cert), signer };
}

function toData(authorities: readonly CertifiedKey[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    authorities.flatMap(({ cert, key }, at) => [
      [`${at}.crt`, cert],
      [`${at}.key`, key],
    ]),
  );
}

function fromData(data: Readonly<Record<string, string>>): readonly CertifiedKey[] {
  const found: CertifiedKey[] = [];
  for (let at = 0; ; at += 1) {
    const cert = data[`${at}.crt`];
    const key = data[`${at}.key`];
    if (cert === undefined || key === undefined) return found;
    found.push({ cert, key });
  }
}
