/** The log's keys as an installation holds them: in a Secret, in Cloud KMS, or one of each while it moves. */
import { createLogKey, type HeldKeys, type LogKey, type LogSigner } from '../sequencer/log-key.ts';
import { ControllerError } from '../controller-error.ts';
import type { Secrets } from '../ports.ts';
import { secretNames } from './secret-names.ts';
import { generateSigningKeyPem, loadOrCreate, toSigningKey } from './signing-key.ts';

/** Fields of the Secret. `first`: vkey of the log's first key, from which verifiers start. */
const fields = { current: 'key.pem', next: 'next.pem', first: 'first' } as const;

export interface LoadedKeys extends HeldKeys {
  /** vkey of the log's first key. */
  first(): string;
}

export interface LogKeyOptions {
  readonly secrets: Secrets;
  readonly cluster: string;
  /** Keys elsewhere, oldest first, newer than those of the Secret; none: the Secret's are all, and one is made at first. */
  readonly remote: readonly LogSigner[];
}

export async function loadLogKeys(options: LogKeyOptions): Promise<LoadedKeys> {
  const { secrets, cluster, remote } = options;
  const made = (): Readonly<Record<string, string>> =>
    remote[0] === undefined
      ? { [fields.current]: generateSigningKeyPem() }
      : { [fields.first]: createLogKey(cluster, remote[0]).vkey };
  let data = await loadOrCreate(secrets, secretNames.logKey, made);
  const held = (): readonly LogKey[] => {
    const local = [data[fields.current], data[fields.next]].filter((pem) => pem !== undefined).map(toSigningKey);
    return [...local, ...remote].map((signer) => createLogKey(cluster, signer));
  };
  let current = held();
  const [oldest] = current;
  if (oldest === undefined) throw new ControllerError('internal', `secret ${secretNames.logKey} holds no key`);
  return {
    origin: oldest.origin,
    current: () => current,
    first: () => data[fields.first] ?? oldest.vkey,
    async reload() {
      const found = await secrets.get(secretNames.logKey);
      if (found === undefined || JSON.stringify(found.data) === JSON.stringify(data)) return;
      data = found.data;
      current = held();
    },
  };
}

/** Adds a key beside the Secret's; the leading sequencer names it in the log. Rejects with `bad_request` while another is being added. */
export async function addLogKey({ secrets, cluster }: Omit<LogKeyOptions, 'remote'>): Promise<LogKey> {
  const { data, version } = await secretOf(secrets);
  const old = data[fields.current];
  if (old === undefined) throw new ControllerError('bad_request', 'the log key is not in the Secret');
  if (data[fields.next] !== undefined) {
    throw new ControllerError('bad_request', 'a rotation is under way: finish it first (rotate-key --finish)');
  }
  const pem = generateSigningKeyPem();
  const first = data[fields.first] ?? createLogKey(cluster, toSigningKey(old)).vkey;
  await update(secrets, { ...data, [fields.next]: pem, [fields.first]: first }, version);
  return createLogKey(cluster, toSigningKey(pem));
}

/** Forgets the old key; the leading sequencer says in the log that it is retired. `keep`: the one that signs now. */
export async function dropOldKey({ secrets, cluster }: Omit<LogKeyOptions, 'remote'>, keep: LogKey): Promise<void> {
  const { data, version } = await secretOf(secrets);
  const { [fields.current]: old, [fields.next]: next, ...rest } = data;
  if (old === undefined) throw new ControllerError('bad_request', 'there is no old key in the Secret');
  const first = data[fields.first] ?? createLogKey(cluster, toSigningKey(old)).vkey;
  const pem = next !== undefined && toSigningKey(next).keyId === keep.signing.keyId ? { [fields.current]: next } : {};
  if (toSigningKey(old).keyId === keep.signing.keyId)
    throw new ControllerError('bad_request', 'the log has no newer key');
  await update(secrets, { ...rest, ...pem, [fields.first]: first }, version);
}

async function secretOf(secrets: Secrets) {
  const found = await secrets.get(secretNames.logKey);
  if (found === undefined) throw new ControllerError('not_found', `there is no secret ${secretNames.logKey} yet`);
  return found;
}

async function update(secrets: Secrets, data: Readonly<Record<string, string>>, version: string): Promise<void> {
  const outcome = await secrets.update(secretNames.logKey, data, version);
  if (outcome === 'conflict') throw new ControllerError('unavailable', 'the secret was changed meanwhile: try again');
}
