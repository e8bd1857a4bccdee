import { describeError } from '@tachograph/service';
import { openCustody, openStore, outlivingSettings } from '@tachograph/store';
import type { CustodyContext } from '../custody/custody-context.ts';
import type { Secrets } from '../ports.ts';
import { createErasures } from './erasures.ts';
import { createKeyVault } from './key-vault.ts';
import type { SessionKeys } from './session-keys-api.ts';
import { loadWrappingKey } from './wrapping-key.ts';

export interface StartSessionKeysOptions {
  readonly settings: { readonly sessionKeys: string | undefined; readonly storageEndpoint: string | undefined };
  readonly secrets: Secrets;
  readonly custody: CustodyContext;
}

/** Opens the store of session keys, and finishes erasures that an earlier process had confirmed. */
export async function startSessionKeys({
  settings,
  secrets,
  custody,
}: StartSessionKeysOptions): Promise<SessionKeys | undefined> {
  const { sessionKeys: url, storageEndpoint } = settings;
  if (url === undefined) return undefined;
  const connection = storageEndpoint === undefined ? {} : { apiEndpoint: storageEndpoint };
  const store = openStore(url, connection);
  const wrapping = await loadWrappingKey(secrets);
  const outliving = async (): Promise<readonly string[]> => outlivingSettings(url, connection);
  const vault = createKeyVault({ store, custody: openCustody(url, connection), wrapping, outliving });
  const erasures = createErasures({ custody, vault, store });
  // The sequencer may not answer yet; whoever confirms again finishes it too.
  void erasures.finish().catch((error: unknown) => {
    custody.log.warn('confirmed erasures not finished', { err: describeError(error) });
  });
  return { vault, erasures };
}
