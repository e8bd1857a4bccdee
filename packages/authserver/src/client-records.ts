import type { Clock } from '@tachograph/service';
import type { LifetimeSettings } from './settings.ts';
import type { SealedEntries } from './sealed-entries.ts';

const kind = 'Client';

/** Prolongs a registered client's life when it gets a token; at most once in a tenth of it, to spare writes. */
export async function prolongClient(
  entries: SealedEntries,
  clientId: string,
  options: { readonly clock: Clock; readonly lifetimes: LifetimeSettings },
): Promise<void> {
  const entry = await entries.read(kind, clientId);
  if (entry === undefined) return;
  const lifeMs = options.lifetimes.clientSeconds * 1000;
  const nowMs = options.clock.nowMs();
  if (entry.expiresAtMs - nowMs > lifeMs * 0.9) return;
  // Losing against another replica is no loss: it prolonged the same client.
  await entries.replace(clientId, { kind, text: entry.text, expiresAtMs: nowMs + lifeMs }, entry.version);
}
