/** `tachograph-trust`: what people and the injector need of the installation's keys, without any private one. */
import { ControllerError } from '../controller-error.ts';
import { secretNames } from '../keys/secret-names.ts';
import type { Secrets } from '../ports.ts';
import type { PublishedFacts } from '../world.ts';

/** Replicas that start together each try once more after every other one's write. */
const mostTries = 10;

/**
 * Writes the facts beside those of the other program: `fingerprint` of the trust root, `logKeys` (one vkey a line),
 * `cluster`. Writes nothing when they stand there. Rejects with `unavailable` when others keep changing it.
 */
export async function publishTrust(secrets: Secrets, cluster: string, facts: PublishedFacts): Promise<void> {
  const { fingerprint, vkey } = facts;
  const own = {
    cluster,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(vkey === undefined ? {} : { logKeys: `${vkey}\n` }),
  };
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    if (await isWritten(secrets, own)) return;
  }
  throw new ControllerError('unavailable', `secret ${secretNames.trust} changes too often to be written`);
}

async function isWritten(secrets: Secrets, own: Readonly<Record<string, string>>): Promise<boolean> {
  const found = await secrets.get(secretNames.trust);
  if (found === undefined) return (await secrets.create(secretNames.trust, own)) === 'created';
  const data = { ...found.data, ...own };
  if (Object.entries(own).every(([key, value]) => found.data[key] === value)) return true;
  return (await secrets.update(secretNames.trust, data, found.version)) === 'updated';
}
