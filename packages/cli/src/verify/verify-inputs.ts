/** What the person gave beside the archive: policies, checkpoints, keys, audit logs. */
import { createPrivateKey, hash, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import {
  createPodAuditReader,
  formatVkey,
  type LogPolicy,
  parseLogPolicy,
  parseWitnessPolicy,
  type PodAudit,
} from '@tachograph/archive';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { CliError } from '../cli-error.ts';

/** A policy and the hashes of the files that it is from. */
export interface PolicyInput {
  readonly policy: LogPolicy;
  readonly sha256: string;
  readonly witnessSha256?: string;
}

/** The policy; with a witness policy, witnesses and quorum are that one's. */
export async function readPolicy(file: string, witnessFile: string | undefined): Promise<PolicyInput> {
  const text = await readText(file);
  const policy = toPolicy(file, parseLogPolicy(nodeCrypto, text));
  const sha256 = hash('sha256', text, 'hex');
  if (witnessFile === undefined) return { policy, sha256 };
  const witnessText = await readText(witnessFile);
  const { logs, ...witnesses } = toPolicy(witnessFile, parseWitnessPolicy(nodeCrypto, witnessText));
  const known = new Set(policy.logs.map(formatVkey));
  if (!logs.every((key) => known.has(formatVkey(key)))) {
    throw new CliError('policy_malformed', `${witnessFile} is for another log than ${file}`);
  }
  return { policy: { ...policy, ...witnesses }, sha256, witnessSha256: hash('sha256', witnessText, 'hex') };
}

function toPolicy(file: string, parsed: ReturnType<typeof parseLogPolicy>): LogPolicy {
  if (parsed.kind === 'ok') return parsed.policy;
  const where = parsed.line > 0 ? `${file} line ${parsed.line}` : file;
  throw new CliError('policy_malformed', `${where}: ${parsed.reason}`);
}

/** A text file that must be there. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
}

/** An Ed25519 private key, PKCS8 PEM. */
export async function readSignKey(file: string): Promise<KeyObject> {
  const text = await readText(file);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The message of the platform may quote the file.
  }
  throw new CliError('usage', `${file} is not an Ed25519 private key in PKCS8 PEM`);
}

/** An API server's audit log: a JSON event a line. */
export async function readPodAudit(file: string): Promise<PodAudit> {
  const reader = createPodAuditReader();
  try {
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
    for await (const line of lines) reader.take(line);
  } catch (cause) {
    throw new CliError('not_found', `cannot read ${file}`, { cause });
  }
  return reader.finish();
}
