/** Without a cluster, TokenReview is replaced by one enrolment token per sidecar. Only hashes of tokens are looked up. */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../keys/node-crypto.ts';
import type { Identity } from '../ports.ts';
import { createFile, readTextFile, statePaths } from './state-files.ts';
import { parseTexts } from './state-json.ts';

export interface Enrolment {
  readonly tokenFile: string;
  readonly namespace: string;
  readonly workload: string;
}

export function createStateIdentity(dir: string): Identity {
  return {
    async pod(token) {
      const text = await readTextFile(statePaths.enrolment(dir, sha256Hex(token)));
      if (text === undefined) return undefined;
      const { namespace = '', pod = '', podUid = '', workload = '' } = parseTexts(text, 'enrolment');
      return { namespace, pod, podUid, workload };
    },
    async component(token) {
      const expected = Buffer.from(sha256Hex(await loadComponentToken(dir)));
      return timingSafeEqual(expected, Buffer.from(sha256Hex(token))) ? 'local' : undefined;
    },
  };
}

/** The secret that controller and sequencer share without a cluster, made once. */
export async function loadComponentToken(dir: string): Promise<string> {
  const path = statePaths.componentToken(dir);
  const found = await readTextFile(path);
  if (found !== undefined) return found;
  await createFile(path, randomBytes(32).toString('base64url'));
  return (await readTextFile(path)) ?? '';
}

/** Enrols a workload: one sidecar, one token. Enrolling it again answers the same one, so that its spool stays its own. */
export async function enrolWorkload(dir: string, namespace: string, workload: string): Promise<Enrolment> {
  const tokenFile = statePaths.token(dir, namespace, workload);
  await createFile(tokenFile, randomBytes(32).toString('base64url'));
  const tokenHash = sha256Hex((await readTextFile(tokenFile)) ?? '');
  const identity = { namespace, workload, pod: `${workload}-local`, podUid: randomUUID() };
  await createFile(statePaths.enrolment(dir, tokenHash), JSON.stringify(identity));
  return { tokenFile, namespace, workload };
}
