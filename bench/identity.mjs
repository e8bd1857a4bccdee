// What identity costs a call: one token again and again (from memory), many tokens in turn, with revocations in force, a
// reviewed ServiceAccount's, and a token for the first time (its signature is verified). Prints a table with the ratio to
// hashing the token alone, which is the least that looking it up takes; fails where the target is missed. CPU time of this
// process; the median of several rounds. The figures are of one thread and one run.
//   node --conditions=source bench/identity.mjs
import { generateKeyPairSync, hash } from 'node:crypto';
import { SignJWT } from 'jose';
import { createTokenCheck } from '../packages/sidecar/src/identity/token-check.ts';

const targetUs = 60;
const rounds = 9;
const audience = 'tachograph://bench/team/files';
const issuers = { human: 'https://login.example', workload: 'https://kubernetes.example' };

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' }];

function payloadOf(revoked) {
  const common = { audiences: [], groupsClaim: 'groups', keys };
  return {
    v: 1,
    issuedAt: '2026-01-01T00:00:00Z',
    notAfter: '2099-01-01T00:00:00Z',
    issuers: [
      { issuer: issuers.human, subjectType: 'human', ...common },
      { issuer: issuers.workload, subjectType: 'workload', maxLifetimeSeconds: 3600, review: true, ...common },
    ],
    revoked,
  };
}

function checkOf(revoked = []) {
  const payload = payloadOf(revoked);
  return createTokenCheck({
    issuers: { current: () => payload, review: async () => ({ kind: 'active', ttlMs: 60_000 }) },
    audience,
    clock: { nowMs: () => Date.now(), monotonicNs: () => Number(process.hrtime.bigint()) },
    log: { error: () => undefined },
    digest: (text) => hash('sha256', text),
  });
}

function sign(claims) {
  return new SignJWT({ iss: issuers.human, aud: audience, groups: ['dev', 'oncall'], client_id: 'bench', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .setJti(crypto.randomUUID())
    .sign(privateKey);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** CPU microseconds of one of `times` runs, of each round. */
async function measure(times, run) {
  const results = [];
  for (let round = -2; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (let index = 0; index < times; index += 1) {
      const answer = run(index);
      if (answer instanceof Promise) await answer;
    }
    const { user, system } = process.cpuUsage(before);
    // The first two warm up.
    if (round >= 0) results.push((user + system) / times);
  }
  return results;
}

async function main() {
  const tokens = await Promise.all(Array.from({ length: 1000 }, (_none, index) => sign({ sub: `person-${index}` })));
  const [token] = tokens;
  const account = await sign({ iss: issuers.workload, sub: 'system:serviceaccount:team:agent' });
  const revoked = Array.from({ length: 1000 }, (_none, index) => ({
    sub: `person-${index}`,
    before: '2026-01-01T00:00:00Z',
  }));
  const [plain, strict] = [checkOf(), checkOf(revoked)];
  for (const check of [plain, strict]) {
    for (const one of [...tokens, account]) {
      const verdict = await check.check(one);
      if (verdict.kind !== 'known') throw new Error(`expected a known caller, got ${verdict.reason}`);
    }
  }
  let fresh = checkOf();
  const cases = [
    ['hash of the token alone', 50_000, () => hash('sha256', token)],
    ['one token, from memory', 50_000, () => plain.check(token)],
    ['1,000 tokens in turn, from memory', 50_000, (index) => plain.check(tokens[index % 1000])],
    ['the same, 1,000 revocations in force', 50_000, (index) => strict.check(tokens[index % 1000])],
    ['a reviewed ServiceAccount’s, from memory', 50_000, () => plain.check(account)],
    [
      'a token for the first time',
      1000,
      (index) => {
        if (index === 0) fresh = checkOf();
        return fresh.check(tokens[index]);
      },
    ],
  ];
  const rows = [];
  for (const [name, times, run] of cases) rows.push({ name, results: await measure(times, run) });
  const base = median(rows[0].results);
  console.log(`${'CPU µs a call'.padEnd(44)}  median  lowest  highest  to hash`);
  for (const { name, results } of rows) {
    const figures = [median(results), Math.min(...results), Math.max(...results)].map((us) =>
      us.toFixed(2).padStart(7),
    );
    console.log(`${name.padEnd(44)} ${figures.join(' ')}  × ${(median(results) / base).toFixed(1)}`);
  }
  const missed = rows.slice(1, 5).filter(({ results }) => median(results) > targetUs);
  for (const { name } of missed) console.log(`missed: ${String(name)} takes more than ${targetUs} µs`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}

await main();
