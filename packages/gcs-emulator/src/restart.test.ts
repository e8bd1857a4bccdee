import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';

import { EmulatorClient } from './testing/emulator-client.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tachograph-gcs-'));
});
afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

async function run(...parameters: string[]): Promise<Running> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=source', main, '--data', dataDir, '--port', '0', ...parameters],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, url: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '' };
}

async function end({ child }: Running, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

const upload = async (url: string, name: string, body: string): Promise<{ generation: string }> => {
  const answer = await fetch(`${url}/upload/storage/v1/b/kept/o?uploadType=media&name=${name}`, {
    method: 'POST',
    body,
  });
  return (await answer.json()) as { generation: string };
};

test('everything that was answered survives kill -9; what was half received is gone', async () => {
  const first = await run('--bucket', 'kept');
  const settings = { versioning: { enabled: true }, retentionPolicy: { retentionPeriod: '3600' } };
  await fetch(`${first.url}/storage/v1/b/kept`, { method: 'PATCH', body: JSON.stringify(settings) });
  await fetch(`${first.url}/storage/v1/b/kept/lockRetentionPolicy?ifMetagenerationMatch=2`, { method: 'POST' });
  const one = await upload(first.url, 'a', 'one');
  await upload(first.url, 'a', 'two');
  const half = request(`${first.url}/upload/storage/v1/b/kept/o?uploadType=media&name=half`, { method: 'POST' });
  half.on('error', () => undefined);
  half.write('half a body');
  await upload(first.url, 'last', 'acknowledged');
  await end(first, 'SIGKILL');

  const second = await run('--json');
  const bucket = (await (await fetch(`${second.url}/storage/v1/b/kept`)).json()) as { retentionPolicy: object };
  expect(bucket.retentionPolicy).toMatchObject({ isLocked: true, retentionPeriod: '3600' });
  const listed = (await (await fetch(`${second.url}/storage/v1/b/kept/o?versions=true`)).json()) as { items: object[] };
  expect(listed.items).toMatchObject([{ name: 'a', generation: one.generation }, { name: 'a' }, { name: 'last' }]);
  const media = `${second.url}/storage/v1/b/kept/o/a?alt=media`;
  expect(await (await fetch(`${media}&generation=${one.generation}`)).text()).toBe('one');
  expect(await (await fetch(media)).text()).toBe('two');
  const removed = await fetch(`${second.url}/storage/v1/b/kept/o/a?generation=${one.generation}`, { method: 'DELETE' });
  expect(removed.status).toBe(403);
  const later = await upload(second.url, 'b', 'three');
  expect(Number(later.generation)).toBeGreaterThan(Number(one.generation));
  expect(await readdir(join(dataDir, 'tmp'))).toEqual([]);
  expect(await end(second, 'SIGTERM')).toBe(0);
});

test('a resumable upload goes on after a restart', async () => {
  const first = await EmulatorClient.start({ dataDir, buckets: ['resumed'] });
  const path = '/upload/storage/v1/b/resumed/o?uploadType=resumable&name=r&ifGenerationMatch=0';
  const start = await first.call(path, { method: 'POST' });
  const session = start.headers.get('location')?.replace(first.server.url, '') ?? '';
  await first.call(session, { method: 'PUT', body: 'abc', headers: { 'content-range': 'bytes 0-2/*' } });
  await first.server.close();
  const second = await EmulatorClient.start({ dataDir });
  const rest = await second.call(session, { method: 'PUT', body: 'de', headers: { 'content-range': 'bytes 3-4/5' } });
  expect(rest.body).toMatchObject({ name: 'r', size: '5' });
  expect(await second.media('resumed', 'r')).toBe('abcde');
  await second.server.close();
});

test('content that no history names is removed at the start, content that one names is not', async () => {
  const first = await EmulatorClient.start({ dataDir, buckets: ['swept'] });
  await first.upload('swept', 'a', 'one');
  await first.server.close();
  const objects = join(dataDir, 'buckets', 'swept', 'objects');
  const [shard = ''] = await readdir(objects);
  const [digest = ''] = await readdir(join(objects, shard));
  await appendFile(join(objects, shard, digest, '999'), 'never committed');
  const second = await EmulatorClient.start({ dataDir });
  expect(await second.media('swept', 'a')).toBe('one');
  expect(await readdir(join(objects, shard, digest))).not.toContain('999');
  await second.server.close();
});

test('the program refuses what it does not understand', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  for (const parameters of [[], ['--data', dataDir, '--port', 'x'], ['--what']]) {
    const child = spawn(process.execPath, ['--conditions=source', main, ...parameters], { stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([64, null]);
  }
});
