import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '@tachograph/service';
import type { IssuerKeys } from '../ports.ts';
import { StillClock } from '../testing/still-clock.ts';
import { createFileIssuers } from './file-issuers.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tacho-issuers-'));
});
afterEach(async () => rm(dir, { recursive: true, force: true }));

const keys = [{ kty: 'OKP' }];

async function read(...issuers: readonly object[]): Promise<readonly IssuerKeys[]> {
  const [path, clock] = [join(dir, 'issuers.json'), new StillClock()];
  await writeFile(path, JSON.stringify({ issuers }));
  const found = await createFileIssuers({ path, clock, timers: clock, log: silentLogger });
  found.close();
  return found.current();
}

test('an issuer of pipelines is accepted for named subjects only', async () => {
  const issuer = { issuer: 'https://token.actions.githubusercontent.com', subjectType: 'ci', keys };
  await expect(read(issuer)).rejects.toThrow(/expected subjects/);
  expect(await read({ ...issuer, subjects: ['repo:corp/*'] })).toMatchObject([{ subjects: ['repo:corp/*'] }]);
});

test('limits of an issuer are passed on', async () => {
  const issuer = { issuer: 'https://idp', subjectType: 'human', keys, maxLifetimeSeconds: 600, review: true };
  expect(await read(issuer)).toEqual([{ ...issuer, audiences: [] }]);
});

test.each([
  { subjectType: 'robot' },
  { maxLifetimeSeconds: 0 },
  { maxLifetimeSeconds: 1.5 },
  { subjects: 'repo:corp/*' },
  { review: 'yes' },
])('a file with %j is refused', async (wrong) => {
  await expect(read({ issuer: 'https://idp', subjectType: 'human', keys, ...wrong })).rejects.toMatchObject({
    code: 'internal',
  });
});
