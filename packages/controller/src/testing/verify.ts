/** The offline verifier on a test's bucket. */
import { gunzipSync } from 'node:zlib';
import { parseLogPolicy, verifyArchive, type Finding, type VerifyReport } from '@tachograph/archive';
import type { ObjectStore } from '@tachograph/store';
import { nodeCrypto } from '../keys/node-crypto.ts';

/** `trust`: the log's vkey, or a whole policy. */
export async function verifyBucket(
  store: ObjectStore,
  trust: string,
): Promise<{ readonly report: VerifyReport; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const policy = trust.includes('\n') ? trust : `log ${trust}\nquorum none\n`;
  const parsed = parseLogPolicy(nodeCrypto, policy);
  if (parsed.kind !== 'ok') throw new Error(parsed.reason);
  const report = await verifyArchive({
    source: {
      authoritative: true,
      list: (prefix) => store.list(prefix),
      get: async (name, generation) => store.get(name, generation === undefined ? {} : { generation }),
    },
    policy: parsed.policy,
    crypto: nodeCrypto,
    gunzip: async (bytes, limit) => ({ bytes: gunzipSync(bytes, { maxOutputLength: limit }), complete: true }),
    onFinding: (finding) => void findings.push(finding),
  });
  return { report, findings };
}
