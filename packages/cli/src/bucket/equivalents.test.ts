import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { BucketWanted } from '@tachograph/store';
import { toGcloud } from './gcloud-text.ts';
import { toTerraform } from './terraform-text.ts';

const archive: BucketWanted = {
  name: 'my-recordings',
  prefix: 'team a/',
  location: 'EUROPE-WEST4',
  retentionSeconds: 7 * 31_557_600,
  softDeleteSeconds: 30 * 86_400,
  lock: true,
  kmsKey: 'projects/keys/locations/europe-west4/keyRings/r/cryptoKeys/k',
  members: {
    roleProject: 'p',
    controller: 'serviceAccount:controller@p.iam.gserviceaccount.com',
    sequencer: 'serviceAccount:sequencer@p.iam.gserviceaccount.com',
    legalHold: 'serviceAccount:hold@p.iam.gserviceaccount.com',
    purger: 'serviceAccount:purge@p.iam.gserviceaccount.com',
    readers: ['group:compliance@example.com'],
  },
};

const golden = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`testing/${name}`, import.meta.url)), 'utf8');

test('the gcloud commands are the golden ones, and a shell can read them', () => {
  expect(toGcloud(archive, 'p')).toBe(golden('archive.gcloud.sh'));
  const shell = spawnSync('bash', ['-n'], { input: toGcloud(archive, 'p'), encoding: 'utf8' });
  expect([shell.status, shell.stderr]).toEqual([0, '']);
});

test('the Terraform is the golden one', () => {
  expect(toTerraform(archive, 'p')).toBe(golden('archive.tf'));
});

describe('what is not wanted', () => {
  const plain: BucketWanted = { name: 'derived', location: 'EU' };

  test('is in neither', () => {
    expect(toGcloud(plain, undefined)).not.toMatch(/retention|lifecycle|iam|lock|key|project/);
    expect(toTerraform(plain, undefined)).not.toMatch(/retention_policy|lifecycle|iam|kms|project/);
  });
});

test('a shell runs gcloud with exactly the condition that Terraform has', () => {
  const script = `gcloud() { printf '%s\\n' "$@"; }\n${toGcloud(archive, 'p')}`;
  const { stdout } = spawnSync('bash', { input: script, encoding: 'utf8' });
  const conditions = stdout.split('\n').filter((line) => line.startsWith('--condition='));
  const expressions = [...toTerraform(archive, 'p').matchAll(/expression = (".*")/g)].map(
    ([, text = '']) => JSON.parse(text) as string,
  );
  expect(conditions.map((line) => line.replace(/^.*~expression=/, ''))).toEqual(expressions);
  expect(expressions[0]).toContain('startsWith("projects/_/buckets/my-recordings/objects/team a/v1/records/")');
});
