/** The Secret in which controller and sequencer publish what verifiers and sidecars trust. It holds no private key. */
import { parseVkey } from '@tachograph/archive';
import type { Secret } from '@tachograph/kube';
import { logOrigin } from '@tachograph/protocol';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { CliError } from '../cli-error.ts';

/** Its name, in the installation's namespace. */
export const trustSecret = 'tachograph-trust';

/**
 * vkeys of the installation's log, as published. `cluster`: the name that the caller expects, if any. Throws `CliError`:
 * `not_found` while nothing is published, `refused` for another cluster's keys.
 */
export function publishedLogKeys(secret: Secret | undefined, cluster: string | undefined): readonly string[] {
  const { cluster: name = '', logKeys = '' } = secret?.data ?? {};
  const vkeys = logKeys.split('\n').filter((line) => line !== '');
  if (vkeys.length === 0) {
    throw new CliError('not_found', `no log key in Secret ${trustSecret}: the sequencer writes it at its start`);
  }
  if (cluster !== undefined && cluster !== name) {
    throw new CliError('refused', `the installation is cluster "${name}", expected "${cluster}"`);
  }
  const origin = logOrigin(name);
  if (!vkeys.every((vkey) => parseVkey(nodeCrypto, vkey)?.name === origin)) {
    throw new CliError('refused', `Secret ${trustSecret}: expected C2SP vkeys of ${origin}`);
  }
  return vkeys;
}
