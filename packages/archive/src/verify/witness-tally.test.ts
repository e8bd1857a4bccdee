import { describe, expect, test } from '@jest/globals';
import { objectNames } from '@tachograph/protocol';
import { utf8 } from '../bytes.ts';
import { cosignedAtS, cosignStored, policyWith, WitnessFixture } from '../testing/witness-fixture.ts';
import { verify, whole } from '../testing/verify-fixture.ts';

const [first, second] = [new WitnessFixture('w1'), new WitnessFixture('w2')];
const at = '2026-11-21T12:01:00.000Z';
const later = '2026-11-21T12:30:00.000Z';
const required = { witnesses: { required: true } };

describe('a quorum of witnesses', () => {
  test('anchors the log as far as it has cosigned, and the report names who signed what', async () => {
    const { objects, log } = whole();
    cosignStored(log, 3, first, second);
    cosignStored(log, 7, first);
    const policy = log.policy(policyWith(log, 'any', first, second));
    expect(await verify({ objects, log }, { policy })).toMatchObject({
      exitCode: 0,
      text: "verified; cosigned by the policy's witnesses up to log size 7",
      anchor: { kind: 'witnessed', size: 7 },
      witnesses: [
        { witness: 'w1', keyName: 'witness.example/w1', checkpoints: 2, size: 7, at },
        { witness: 'w2', keyName: 'witness.example/w2', checkpoints: 1, size: 3, at },
      ],
    });
  });

  test('is not there when one of two is missing: a stated gap, or where it is demanded a missing input', async () => {
    const { objects, log } = whole();
    cosignStored(log, 7, first);
    const policy = log.policy(policyWith(log, 'all', first, second));
    const found = ['checkpoint.unwitnessed'];
    expect(await verify({ objects, log }, { policy })).toMatchObject({ exitCode: 2, found, anchor: { kind: 'none' } });
    const demanded = await verify({ objects, log }, { policy, ...required });
    expect(demanded).toMatchObject({ exitCode: 3, found: ['witness.missing'] });
    expect(demanded.all[0]?.reason).toBe('no checkpoint has the quorum g');
  });

  test('must reach all but the newest minutes of the log', async () => {
    const { objects, log } = whole();
    cosignStored(log, 7, first);
    const policy = log.policy(policyWith(log, 'any', first));
    const action = { v: 1, type: 'admin.action', action: 'replay', detail: {} } as const;
    log.batch({ ...action, at: '2026-11-21T12:10:00.000Z' });
    log.checkpoint();
    expect(await verify({ objects, log }, { policy, ...required })).toMatchObject({ exitCode: 0, found: [] });
    log.batch({ ...action, at: later });
    log.checkpoint();
    const report = await verify({ objects, log }, { policy, ...required });
    expect(report).toMatchObject({ exitCode: 3, found: ['witness.missing'] });
    expect(report.all[0]?.reason).toContain('reaches log size 7: what was logged since 2026-11-21T12:10:00.000Z');
  });

  test('may be no older than asked for: a tail could have been cut since', async () => {
    const { objects, log } = whole();
    cosignStored(log, 7, first);
    const options = { policy: log.policy(policyWith(log, 'any', first)), witnesses: { required: true, maxAgeS: 3600 } };
    const fresh = await verify({ objects, log }, { ...options, nowMs: (cosignedAtS + 3599) * 1000 });
    const stale = await verify({ objects, log }, { ...options, nowMs: (cosignedAtS + 3601) * 1000 });
    expect([fresh.exitCode, stale.exitCode, stale.found]).toEqual([0, 3, ['witness.missing']]);
  });

  test('is tampered with when a cosignature does not hold', async () => {
    const { objects, log } = whole();
    cosignStored(log, 7, first);
    const name = objectNames.checkpoint(7);
    const lines = new TextDecoder().decode(objects.get(name)).trimEnd().split('\n');
    const last = lines.at(-1) ?? '';
    // Within the signature, behind key hash and time stamp.
    const hurt = `${last.slice(0, -20)}${last.at(-20) === 'A' ? 'B' : 'A'}${last.slice(-19)}`;
    objects.set(name, utf8(`${[...lines.slice(0, -1), hurt].join('\n')}\n`));
    const report = await verify({ objects, log }, { policy: log.policy(policyWith(log, 'any', first)) });
    expect(report).toMatchObject({ exitCode: 1 });
    expect(report.found).toContain('checkpoint.cosignature');
  });
});
