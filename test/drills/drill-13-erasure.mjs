// Erasure under a locked bucket: bodies are sealed by a key of their session, and two people end it.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pullAndVerify, readRecords, summary } from './account.mjs';
import { cluster, tacho, withRig } from './rig.mjs';

const sealing = { env: { TACHO_SEAL_BODIES: 'true' } };

/** `tacho` as a custodian. */
async function as(rig, who, args, codes = [0]) {
  const issue = ['dev-token', '--subject', who, '--audience', `tachograph://${cluster}/controller`];
  const { stdout } = await tacho(issue, { env: { TACHO_STATE: rig.state } });
  return tacho(args, { env: { TACHO_STATE: rig.state, TACHO_TOKEN: stdout.trim() }, codes });
}

/** Messages of a session as people read them; `marker`: what only a body holds. */
async function replayed(archive, session, keys) {
  const opening = keys === undefined ? [] : ['--session-keys', keys];
  const { stdout } = await tacho(['replay', archive, '--session', session, ...opening]);
  return { sealed: stdout.includes('[sealed body'), readable: stdout.includes('"tools/call"') };
}

const expected = (what, holds) => (holds ? [] : [what]);

export const drill = {
  number: 13,
  title: 'erasure under lock: sealed bodies, a key ended by two people',
  scaled: 'none',
  async run() {
    return withRig({ env: { TACHO_CUSTODIANS: 'carol,dan' } }, async (rig) => {
      await rig.startSidecar('sidecar', sealing);
      const load = await rig.load('sidecar', { clients: 2 });
      await load.progress(50, 60_000);
      await load.stop();
      await rig.drain('sidecar', sealing);
      const executed = await rig.executed();
      const before = await pullAndVerify(rig, { name: 'before' });
      const records = readRecords(before.archive);
      // Markers stand in bodies, so calls are counted by their method; `initialize` opens a session and is of none.
      const archived = records.filter(
        ({ kind, mcp_method_name: method }) =>
          kind === 'mcp.request' && (method === 'tools/call' || method === 'initialize'),
      ).length;
      const sent = load.calls.size;
      const { session } = records.find(({ enc }) => enc !== undefined) ?? {};
      const plain = records.filter(
        ({ session: of, body, enc }) => of !== undefined && body !== undefined && enc === undefined,
      );
      const keys = join(rig.dir, 'keys.jsonl');
      const closed = await replayed(before.archive, session);
      await as(rig, 'carol', ['keys', 'get', '--session', session, '--reason', 'drill', '--out', keys]);
      const opened = await replayed(before.archive, session, keys);

      const hold = ['hold', 'place', '--session', session, '--reason', 'drill', '--json'];
      const placed = JSON.parse((await as(rig, 'carol', hold)).stdout);
      const ask = ['erase', 'request', '--session', session, '--reason', 'drill', '--json'];
      const held = await as(rig, 'carol', ask, [1]);
      await as(rig, 'dan', ['hold', 'release', placed.hold, '--reason', 'drill']);
      const { erasure } = JSON.parse((await as(rig, 'carol', ask)).stdout);
      const alone = await as(rig, 'carol', ['erase', 'confirm', erasure, '--reason', 'drill'], [1]);
      await as(rig, 'dan', ['erase', 'confirm', erasure, '--reason', 'drill']);
      const get = ['keys', 'get', '--session', session, '--reason', 'drill', '--out', join(rig.dir, 'none.jsonl')];
      const again = await as(rig, 'carol', get, [3]);
      const after = await pullAndVerify(rig, { name: 'after' });
      const stored = globSync('session-keys/**/*.json', { cwd: rig.state }).map((file) =>
        readFileSync(join(rig.state, file), 'utf8'),
      );
      return {
        figures: {
          sent,
          acknowledged: executed.size,
          archived,
          refused: sent - executed.size,
          lost: 0,
          cut: 0,
          findings: summary(after.findings),
          exit: after.code,
        },
        wrong: [
          ...expected(
            `${executed.size} calls ran, ${archived} are archived`,
            executed.size === archived && archived > 0,
          ),
          ...expected('no body is sealed', session !== undefined),
          ...expected(`${plain.length} bodies of sessions are not sealed`, plain.length === 0),
          ...expected('without the key a body is read', closed.sealed && !closed.readable),
          ...expected('with the key bodies are not read', opened.readable && !opened.sealed),
          ...expected('a hold does not refuse', held.stderr.includes('hold')),
          ...expected('one person is enough', alone.stderr.includes('another custodian')),
          ...expected(
            'the key can still be read',
            again.stderr.includes('destroyed') && !existsSync(join(rig.dir, 'none.jsonl')),
          ),
          ...expected(
            'the key is still kept',
            !stored.some((text) => text.includes(session) && text.includes('wrapped')),
          ),
          ...expected(
            'verification says nothing of it',
            after.findings.some(({ kind }) => kind === 'key.destroyed'),
          ),
          ...expected(`exit ${after.code} after the erasure, ${before.code} before`, after.code === before.code),
        ],
        note: 'the archive verifies as before; replay without the key shows sizes only',
      };
    });
  },
};
