import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@tachograph/service';
import { systemTimers, type Lease } from '../ports.ts';
import { until } from '../testing/installation.ts';
import { createStateLease } from './state-lease.ts';

let dir: string;
let leases: Lease[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tachograph-lease-'));
  leases = [];
});
afterEach(async () => {
  for (const lease of leases) await lease.stop();
  await rm(dir, { recursive: true });
});

function candidate(address: string, pid: number): { readonly lease: Lease; readonly heard: string[] } {
  const heard: string[] = [];
  const path = join(dir, 'lock');
  const common = { clock: systemClock, timers: systemTimers, log: silentLogger };
  const lease = createStateLease({ ...common, path, address: () => address, pid });
  leases.push(lease);
  lease.start({ elected: () => heard.push('elected'), lost: () => heard.push('lost') });
  return { lease, heard };
}

const leads = (it: { readonly heard: readonly string[] }) => (it.heard.at(-1) === 'elected' ? true : undefined);

test('the second waits, reads where the first is, and follows when it stops', async () => {
  const first = candidate('https://first', process.pid);
  await until('the first', () => leads(first));
  const second = candidate('https://second', process.ppid);
  expect(second.lease.holder()).toBe('https://first');
  await first.lease.stop();
  await until('the second', () => leads(second));
  expect(second.lease.holder()).toBe('https://second');
});

test('takes the lock of a process that is dead', async () => {
  await writeFile(join(dir, 'lock'), JSON.stringify({ id: 'x', pid: 2 ** 30, address: 'https://dead' }));
  const taker = candidate('https://first', process.pid);
  await until('the lock', () => leads(taker));
});

test('takes a lock that its holder no longer touches', async () => {
  const path = join(dir, 'lock');
  await writeFile(path, JSON.stringify({ id: 'x', pid: process.ppid, address: 'https://stuck' }));
  const before = new Date(Date.now() - 60_000);
  await utimes(path, before, before);
  const taker = candidate('https://first', process.pid);
  await until('the lock', () => leads(taker));
});

test('a holder that lost its lock hears so', async () => {
  const first = candidate('https://first', process.pid);
  await until('the first', () => leads(first));
  await writeFile(join(dir, 'lock'), JSON.stringify({ id: 'y', pid: process.pid, address: 'https://other' }));
  await until('the loss', () => (first.heard.includes('lost') ? true : undefined));
});
