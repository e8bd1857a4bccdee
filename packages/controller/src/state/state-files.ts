/** Files of the state directory (`TACHO_STATE`), for running without a cluster. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where each thing is kept. */
export const statePaths = {
  secret: (dir: string, name: string): string => join(dir, 'secrets', `${name}.json`),
  enrolment: (dir: string, tokenHash: string): string => join(dir, 'enrolments', `${tokenHash}.json`),
  token: (dir: string, namespace: string, workload: string): string =>
    join(dir, 'tokens', `${namespace}.${workload}.token`),
  policies: (dir: string, namespace: string): string => join(dir, 'policies', namespace),
  approvals: (dir: string): string => join(dir, 'approvals'),
  logins: (dir: string): string => join(dir, 'logins'),
  inventories: (dir: string): string => join(dir, 'tools'),
  inventory: (dir: string, namespace: string, workload: string): string =>
    join(dir, 'tools', namespace, `${workload}.json`),
  issuers: (dir: string): string => join(dir, 'issuers.json'),
  issuerKey: (dir: string): string => join(dir, 'issuer-key.pem'),
  componentToken: (dir: string): string => join(dir, 'component-token'),
  sequencerLock: (dir: string): string => join(dir, 'sequencer.lock'),
  /** C2SP vkey of the log, for `tacho trust export`. */
  logKey: (dir: string): string => join(dir, 'log.vkey'),
  controllerAddress: (dir: string): string => join(dir, 'controller.json'),
} as const;

/** The file's text; `undefined` when there is none. */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Creates a whole file or leaves the one that is there. Readable by the owner only. */
export async function createFile(path: string, text: string): Promise<'created' | 'exists'> {
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path);
    return 'created';
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return 'exists';
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Replaces a file in one step. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await rename(await writeDraft(path, text), path);
}

/** Looks at the code only: an error of another realm is no `Error` of this one. */
export function isErrno(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

async function writeDraft(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  return draft;
}
