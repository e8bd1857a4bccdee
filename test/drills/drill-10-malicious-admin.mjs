// An administrator of the bucket with every right tries what GCS lets one try: refused, or found and recoverable.
import { createHash } from 'node:crypto';
import { account, pullAndVerify, verify } from './account.mjs';
import { withRig } from './rig.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** What the verifier says of the bucket itself about one object. */
async function found(rig, object) {
  const { code, findings } = await verify(rig, rig.address, { verifyArgs: ['--endpoint', rig.endpoint] });
  const its = findings.filter((one) => one.severity === 'tampered' && one.object === object);
  return { code, kinds: its.map(({ kind }) => kind), reason: its[0]?.reason };
}

/** Every deed: what it answers, and what must follow from it. */
function deeds(rig, [first, second, third], batch) {
  const { admin } = rig.bucket;
  return [
    { name: 'delete a segment', object: first, act: async () => admin.remove(first) },
    { name: 'overwrite a segment', object: second, act: async () => admin.overwrite(second, 'other bytes') },
    { name: 'delete a batch of the log', object: batch, act: async () => admin.remove(batch) },
    {
      name: 'edit metadata of a segment',
      harmless: true,
      act: async () => admin.patchObject(third, { metadata: { sha256: '0' }, contentType: 'text/plain' }),
    },
    {
      name: 'delete the noncurrent generation',
      refused: true,
      act: async () => {
        const [{ generation }] = await rig.bucket.versions(first);
        return admin.removeVersion(first, generation);
      },
    },
    {
      name: 'shorten the policy',
      refused: true,
      act: async () => admin.patchBucket({ retentionPolicy: { retentionPeriod: '1' } }),
    },
    { name: 'remove the policy', refused: true, act: async () => admin.patchBucket({ retentionPolicy: null }) },
    { name: 'delete the bucket', refused: true, act: async () => admin.removeBucket() },
    { name: 'switch versioning off', act: async () => admin.patchBucket({ versioning: { enabled: false } }) },
  ];
}

async function judge(rig, { name, object, refused, harmless, act }) {
  const { status } = await act();
  if (status >= 400) return { name, status, outcome: `refused (${status})`, ok: true };
  if (refused) return { name, status, outcome: 'permitted', ok: false };
  if (object === undefined) {
    const outcome = harmless ? 'permitted; no proof rests on metadata' : 'permitted; `tacho bucket check` says WRONG';
    return { name, status, outcome, ok: true };
  }
  const { code, kinds, reason } = await found(rig, object);
  return { name, status, outcome: `exit ${code}, ${kinds.join(' ')}: ${reason}`, ok: code === 1 && kinds.length > 0 };
}

/** Every original of what was hidden can be read by its generation. */
async function recoverable(rig, leaves) {
  const segments = leaves.filter(({ type }) => type === 'segment');
  let whole = 0;
  for (const { object, generation, sha256: expected } of segments) {
    if (sha256(await rig.bucket.admin.read(object, generation)) === expected) whole += 1;
  }
  return { whole, all: segments.length };
}

export const drill = {
  number: 10,
  title: 'malicious administrator of the bucket',
  scaled: 'none',
  async run() {
    return withRig({}, async (rig) => {
      const env = { TACHO_DURABILITY: 'archive' };
      await rig.startSidecar('sidecar', { env });
      const load = await rig.load('sidecar', { clients: 2, pauseMs: 20 });
      await load.progress(30, 60_000);
      await load.stop();
      await rig.drain('sidecar', { env });
      const executed = await rig.executed();
      const pulled = await pullAndVerify(rig);
      const { figures, wrong, leaves } = account({ ...pulled, executed, loads: rig.loads });
      const results = [];
      const [, batch] = await rig.bucket.names('v1/log/batch/');
      for (const deed of deeds(rig, (await rig.bucket.names('v1/records/')).slice(1), batch)) {
        results.push(await judge(rig, deed));
      }
      const { whole, all } = await recoverable(rig, leaves);
      return {
        figures,
        wrong: [
          ...wrong,
          ...results.filter(({ ok }) => !ok).map(({ name, outcome }) => `${name}: ${outcome}`),
          ...(whole === all ? [] : [`only ${whole} of ${all} originals can be read by generation`]),
        ],
        note: [
          ...results.map(({ name, outcome }) => `${name}: ${outcome}`),
          `${whole} of ${all} originals read by generation`,
        ],
      };
    });
  },
};
