import { describe, expect, test } from '@jest/globals';
import type { Revocation } from '@tachograph/protocol';
import { silentLogger } from '@tachograph/service';
import type { Secrets } from '../ports.ts';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { StillClock } from '../testing/still-clock.ts';
import { startRevocations, type Revocations } from './revocations.ts';

const carol = { iss: 'https://idp', sub: 'carol' };
const own = 'tachograph://test/as/demo/store';

interface Replica {
  readonly revocations: Revocations;
  readonly leaves: string[];
  /** Lets the replica look, as it does by itself every two seconds. */
  look(): Promise<void>;
  isLogDown: boolean;
}

async function start(secrets: Secrets, clock: StillClock): Promise<Replica> {
  const due: (() => void)[] = [];
  const leaves: string[] = [];
  const replica = { isLogDown: false };
  const revocations = await startRevocations({
    secrets,
    clock,
    lifeMs: 86_400_000,
    log: silentLogger,
    timers: { after: (_delayMs, run) => (due.push(run), () => undefined) },
    sequencer: {
      async append(texts) {
        if (replica.isLogDown) throw new Error('no sequencer');
        leaves.push(...texts);
        return texts.map((_text, index) => ({ index, leafHash: '', batchFirstIndex: 0 }));
      },
    },
  });
  return Object.assign(replica, {
    revocations,
    leaves,
    async look() {
      const before = due.length;
      due.shift()?.();
      for (let turn = 0; turn < 100 && due.length < before; turn += 1) await new Promise(setImmediate);
    },
  });
}

const reason = 'laptop stolen';

describe('a revocation', () => {
  test('ends what was issued before it, at every replica, and is one leaf', async () => {
    const [secrets, clock] = [createMemorySecrets(), new StillClock()];
    const [here, there] = [await start(secrets, clock), await start(secrets, clock)];
    let woken = 0;
    there.revocations.onChange(() => (woken += 1));
    const revoked = await here.revocations.revoke(carol, { subject: 'alice', reason });
    expect(revoked.logged).toBe(true);
    await there.look();
    expect(woken).toBe(1);
    for (const { revocations } of [here, there]) {
      const { before } = revoked;
      expect(revocations.forStatement()).toEqual([{ sub: 'alice', before }]);
      expect(revocations.isRevoked({ iss: own, sub: 'alice', issuedAtMs: clock.nowMs() - 1 })).toBe(true);
      expect(revocations.isRevoked({ iss: own, sub: 'alice', issuedAtMs: clock.nowMs() })).toBe(false);
      expect(revocations.isRevoked({ iss: own, sub: 'bob', issuedAtMs: clock.nowMs() - 1 })).toBe(false);
    }
    expect([...here.leaves, ...there.leaves].map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        v: 1,
        type: 'admin.action',
        action: 'access.revoked',
        subject: 'alice',
        detail: { before: revoked.before },
        by: carol,
        reason,
        at: revoked.before,
      },
    ]);
  });

  test('of one issuer ends logins of that issuer, or of the provider behind it', async () => {
    const { revocations } = await start(createMemorySecrets(), new StillClock());
    await revocations.revoke(carol, { subject: 'alice', iss: own, reason });
    await revocations.revoke(carol, { subject: 'bob', iss: 'https://idp', reason });
    const isRevoked = (sub: string, iss: string): boolean => revocations.isRevoked({ iss, sub, issuedAtMs: 0 });
    expect([isRevoked('alice', own), isRevoked('alice', `${own}2`), isRevoked('bob', own)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('is in force although the log does not answer, and is logged once it does', async () => {
    const replica = await start(createMemorySecrets(), new StillClock());
    replica.isLogDown = true;
    expect((await replica.revocations.revoke(carol, { subject: 'alice', reason })).logged).toBe(false);
    expect(replica.revocations.isRevoked({ iss: own, sub: 'alice', issuedAtMs: 0 })).toBe(true);
    replica.isLogDown = false;
    await replica.look();
    expect(replica.leaves).toHaveLength(1);
    expect(replica.revocations.current().map(({ logged }) => logged)).toEqual([true]);
    await replica.look();
    expect(replica.leaves).toHaveLength(1);
  });

  test('is over when no token can live that it ended', async () => {
    const clock = new StillClock();
    const { revocations } = await start(createMemorySecrets(), clock);
    const { until } = await revocations.revoke(carol, { subject: 'alice', reason });
    await clock.pass(Date.parse(until) - clock.nowMs() - 1);
    expect(revocations.current()).toHaveLength(1);
    await clock.pass(1);
    expect(revocations.current()).toEqual([]);
    await revocations.revoke(carol, { subject: 'bob', reason });
    expect(revocations.forStatement()).toHaveLength(1);
  });

  test('replaces the older one of the same subject', async () => {
    const clock = new StillClock();
    const { revocations } = await start(createMemorySecrets(), clock);
    await revocations.revoke(carol, { subject: 'alice', reason });
    await clock.pass(60_000);
    const { before } = await revocations.revoke(carol, { subject: 'alice', reason });
    expect(revocations.forStatement()).toEqual([{ sub: 'alice', before }]);
  });

  test('of two replicas at the same time are both kept', async () => {
    const [secrets, clock] = [createMemorySecrets(), new StillClock()];
    const [here, there] = [await start(secrets, clock), await start(secrets, clock)];
    await Promise.all([
      here.revocations.revoke(carol, { subject: 'alice', reason }),
      there.revocations.revoke(carol, { subject: 'bob', reason }),
    ]);
    await here.look();
    expect(
      here.revocations
        .forStatement()
        .map(({ sub }) => sub)
        .toSorted(),
    ).toEqual(['alice', 'bob']);
  });

  test('survives whoever deletes what is stored, as long as a replica knows it', async () => {
    const stored = createMemorySecrets();
    const lost = { value: false };
    const secrets: Secrets = {
      ...stored,
      get: async (name) => {
        const found = await stored.get(name);
        return found === undefined || !lost.value ? found : { ...found, data: {} };
      },
      update: async (...write) => {
        lost.value = false;
        return stored.update(...write);
      },
    };
    const replica = await start(secrets, new StillClock());
    await replica.revocations.revoke(carol, { subject: 'alice', reason });
    lost.value = true;
    await replica.look();
    expect(replica.revocations.forStatement()).toMatchObject([{ sub: 'alice' }]);
    const other = await start(secrets, new StillClock());
    expect(other.revocations.forStatement()).toMatchObject([{ sub: 'alice' }]);
    expect(replica.leaves).toHaveLength(1);
  });

  test('beyond the limit is refused, and those before it stand', async () => {
    const secrets = createMemorySecrets();
    const full = Array.from({ length: 1000 }, (_none, n): Revocation => {
      const [before, until] = ['2026-11-21T00:00:00Z', '2099-01-01T00:00:00Z'];
      return { subject: `s${n}`, reason, by: carol, before, until, logged: true };
    });
    await secrets.create('tachograph-revocations', { revocations: JSON.stringify({ v: 1, revocations: full }) });
    const { revocations } = await start(secrets, new StillClock());
    const more = revocations.revoke(carol, { subject: 'alice', reason });
    await expect(more).rejects.toMatchObject({ code: 'too_many_held' });
    expect(revocations.current()).toHaveLength(1000);
  });

  test('that cannot be read stops the start: nothing revoked is taken for nothing', async () => {
    const secrets = createMemorySecrets();
    await secrets.create('tachograph-revocations', { revocations: '{"revocations":[{"subject":"alice"}]}' });
    await expect(start(secrets, new StillClock())).rejects.toMatchObject({ code: 'internal' });
  });
});
