import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMetrics, createSettingsReader, silentLogger, type LogFields } from '@tachograph/service';
import { createStateLogins } from '../state/state-logins.ts';
import { createMemorySecrets } from '../testing/memory-secrets.ts';
import { createScriptedAuthServer, type ScriptedAuthServer } from '../testing/scripted-auth-server.ts';
import { settle, StillClock } from '../testing/still-clock.ts';
import { startAuthHost, type AuthHost } from './auth-host.ts';
import { readAuthSettings } from './auth-settings.ts';
import type { LoginKeeper } from './login-keeper.ts';

let dir: string;
let clock: StillClock;
let scripted: ScriptedAuthServer;
let logins: LoginKeeper;
let hosts: AuthHost[];
let lines: { readonly message: string; readonly fields: LogFields | undefined }[];
const metrics = createMetrics;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-auth-host-'));
  await writeFile(join(dir, 'secret'), 'first secret\n');
  clock = new StillClock();
  scripted = createScriptedAuthServer();
  logins = createStateLogins(dir, clock);
  hosts = [];
  lines = [];
});
afterEach(async () => {
  for (const host of hosts) host.stop();
  await rm(dir, { recursive: true });
});

const at = (message: string, fields?: LogFields): void => void lines.push({ message, fields });

async function start(meters = metrics(), changed = (): void => undefined): Promise<AuthHost> {
  const settings = readAuthSettings(
    createSettingsReader({
      TACHO_AUTH_UPSTREAM: 'https://login.example.com',
      TACHO_AUTH_CLIENT_ID: 'tachograph',
      TACHO_AUTH_CLIENT_SECRET_FILE: join(dir, 'secret'),
      TACHO_AUTH_ACCESS: '10m',
      TACHO_AUTH_REFRESH: '8h',
    }),
  );
  if (settings === undefined) throw new Error('expected settings');
  const host = await startAuthHost(
    {
      cluster: 'test',
      settings,
      logins,
      secrets: createMemorySecrets(),
      isRevoked: () => false,
      onKeysChange: changed,
      clock,
      timers: clock,
      log: { ...silentLogger, info: at, warn: at, error: at },
      metrics: meters,
      random: () => 0,
    },
    scripted,
  );
  hosts.push(host);
  return host;
}

/** Files are read by the system, which knows nothing of this clock. */
async function pass(ms: number, isDone: () => boolean): Promise<void> {
  await clock.pass(ms);
  for (let look = 0; look < 2000 && !isDone(); look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await settle();
  }
}

test('hands over the settings with the secret of the file', async () => {
  await start();
  expect(scripted.made[0]?.settings).toMatchObject({
    cluster: 'test',
    upstream: { issuer: 'https://login.example.com', clientId: 'tachograph', clientSecret: 'first secret' },
    lifetimes: { accessSeconds: 600, refreshSeconds: 28_800 },
  });
});

test('a secret that is replaced is used at once, and one that cannot be read changes nothing', async () => {
  await start();
  await writeFile(join(dir, 'secret'), 'second secret');
  await pass(10_000, () => scripted.made.length === 2);
  expect(scripted.made[1]?.settings.upstream.clientSecret).toBe('second secret');
  await writeFile(join(dir, 'secret'), '');
  await pass(10_000, () => lines.some(({ message }) => message === 'periodic task failed'));
  expect(scripted.made).toHaveLength(2);
  expect(JSON.stringify(lines)).not.toMatch(/(first|second) secret/);
});

test('does not start without a readable secret, and says which setting', async () => {
  await rm(join(dir, 'secret'));
  await expect(start()).rejects.toThrow('TACHO_AUTH_CLIENT_SECRET_FILE');
});

test('tells when sidecars must learn a new key', async () => {
  let changes = 0;
  await start(metrics(), () => (changes += 1));
  await clock.pass(29 * 86_400_000);
  expect(changes).toBe(0);
  await clock.pass(86_400_000 + 30_000);
  expect(changes).toBe(1);
  expect(scripted.made[0]?.keys().signing).toHaveLength(2);
});

test('sweeps what is over, and shows what is kept', async () => {
  const meters = metrics();
  await start(meters);
  const entry = { data: 'sealed', kind: 'Client', expiresAtMs: clock.nowMs() + 3_600_000 };
  await logins.write('a'.repeat(64), entry);
  await logins.write('b'.repeat(64), { ...entry, kind: 'Session', expiresAtMs: clock.nowMs() + 60_000 });
  let text = '';
  await pass(180_000, () => {
    void meters.expose().then((exposed) => (text = exposed.text));
    return text.includes('tachograph_auth_state_expired_total 1');
  });
  expect(text).toContain('tachograph_auth_state_entries{kind="Client"} 1');
});

test('counts accesses to login state that fail', async () => {
  const meters = metrics();
  logins = { ...logins, read: async () => Promise.reject(new Error('no API server')) };
  await start(meters);
  await expect(scripted.made[0]?.store.read('a'.repeat(64))).rejects.toThrow('no API server');
  expect((await meters.expose()).text).toContain('tachograph_auth_store_failures_total{operation="read"} 1');
});
