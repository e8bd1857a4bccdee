import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { EmulatorClient } from './testing/emulator-client.ts';

let gcs: EmulatorClient;
let bucket: string;
let count = 0;

beforeAll(async () => {
  gcs = await EmulatorClient.start();
});
afterAll(async () => {
  await gcs.stop();
});
beforeEach(() => {
  count += 1;
  bucket = `bucket-${count}`;
});

const refusal = { status: 403, reason: 'retentionPolicyNotMet' };
const lock = async (query: string) => await gcs.call(`b/${bucket}/lockRetentionPolicy?${query}`, { method: 'POST' });
const until = (seconds: number): string => new Date(Date.parse('2030-01-01T00:00:00Z') + seconds * 1000).toISOString();
const retain = async (mode: string | null, seconds = 0, query = '') =>
  await gcs.patch(bucket, 'a', { retention: mode === null ? null : { mode, retainUntilTime: until(seconds) } }, query);
const hour = { retentionPolicy: { retentionPeriod: '3600' } };

describe('a retention policy without versioning', () => {
  beforeEach(async () => {
    await gcs.bucket(bucket, hour);
    await gcs.upload(bucket, 'a', 'one');
  });

  test('refuses delete and overwrite until the period is over', async () => {
    expect(await gcs.remove(bucket, 'a')).toMatchObject(refusal);
    expect(await gcs.upload(bucket, 'a', 'two')).toMatchObject(refusal);
    await gcs.advance(3599);
    expect(await gcs.remove(bucket, 'a')).toMatchObject(refusal);
    expect(await gcs.media(bucket, 'a')).toBe('one');
    await gcs.advance(1);
    expect(await gcs.remove(bucket, 'a')).toMatchObject({ status: 204 });
  });

  test('words the refusal as GCS does', async () => {
    const { text } = await gcs.remove(bucket, 'a');
    expect(text).toContain(`Object '${bucket}/a' is subject to bucket's retention policy`);
    expect(text).toMatch(/cannot be deleted or overwritten until \d{4}-/);
  });

  test('refuses a copy over a retained object, and keeps it', async () => {
    await gcs.upload(bucket, 'b', 'two');
    const answer = await gcs.call(`b/${bucket}/o/b/rewriteTo/b/${bucket}/o/a`, { method: 'POST' });
    expect(answer).toMatchObject(refusal);
    expect(await gcs.media(bucket, 'a')).toBe('one');
  });

  test('answers a failed precondition before retention', async () => {
    expect(await gcs.upload(bucket, 'a', 'two', '&ifGenerationMatch=0')).toMatchObject({
      status: 412,
      reason: 'conditionNotMet',
    });
  });

  test('lets metadata be edited', async () => {
    expect(await gcs.patch(bucket, 'a', { metadata: { note: 'x' } })).toMatchObject({ status: 200 });
  });

  test('shows when retention ends, and applies a longer policy to what is there', async () => {
    const before = await gcs.object(bucket, 'a');
    await gcs.patchBucket(bucket, { retentionPolicy: { retentionPeriod: '7200' } });
    const after = await gcs.object(bucket, 'a');
    const ends = [before, after].map(({ body }) => Date.parse(String(body['retentionExpirationTime'])));
    expect((ends[1] ?? 0) - (ends[0] ?? 0)).toBe(3_600_000);
  });

  test('can be shortened and removed while unlocked', async () => {
    expect(await gcs.patchBucket(bucket, { retentionPolicy: { retentionPeriod: '1' } })).toMatchObject({ status: 200 });
    expect(await gcs.patchBucket(bucket, { retentionPolicy: null })).toMatchObject({ status: 200 });
    expect(await gcs.remove(bucket, 'a')).toMatchObject({ status: 204 });
  });

  test('refuses periods outside 1 second to 100 years', async () => {
    for (const retentionPeriod of ['0', '-1', '3155760001', 'x']) {
      expect(await gcs.patchBucket(bucket, { retentionPolicy: { retentionPeriod } })).toMatchObject({ status: 400 });
    }
  });
});

describe('a retention policy with versioning', () => {
  beforeEach(async () => {
    await gcs.bucket(bucket, { ...hour, versioning: { enabled: true } });
    await gcs.upload(bucket, 'a', 'one');
  });

  test('lets an overwrite make the old version noncurrent; its bytes survive', async () => {
    const [first] = await gcs.versions(bucket, 'a');
    expect(await gcs.upload(bucket, 'a', 'two')).toMatchObject({ status: 200 });
    expect((await gcs.versions(bucket, 'a')).map((version) => version.noncurrent)).toEqual([true, false]);
    expect(await gcs.media(bucket, 'a', `&generation=${first?.generation}`)).toBe('one');
  });

  test('lets a delete without generation hide the live version', async () => {
    expect(await gcs.remove(bucket, 'a')).toMatchObject({ status: 204 });
    expect(await gcs.object(bucket, 'a')).toMatchObject({ status: 404 });
    expect((await gcs.versions(bucket, 'a')).map((version) => version.noncurrent)).toEqual([true]);
  });

  test('refuses to delete any generation for good, live or noncurrent, until its period is over', async () => {
    await gcs.upload(bucket, 'a', 'two');
    for (const { generation } of await gcs.versions(bucket, 'a')) {
      expect(await gcs.remove(bucket, 'a', `generation=${generation}`)).toMatchObject(refusal);
    }
    await gcs.advance(3600);
    for (const { generation } of await gcs.versions(bucket, 'a')) {
      expect(await gcs.remove(bucket, 'a', `generation=${generation}`)).toMatchObject({ status: 204 });
    }
    expect(await gcs.versions(bucket, 'a')).toEqual([]);
  });
});

describe('a locked policy', () => {
  beforeEach(async () => {
    await gcs.bucket(bucket, hour);
  });

  test('is locked only with the right metageneration', async () => {
    expect(await lock('')).toMatchObject({ status: 400, reason: 'required' });
    expect(await lock('ifMetagenerationMatch=7')).toMatchObject({ status: 412, reason: 'conditionNotMet' });
    expect((await lock('ifMetagenerationMatch=1')).body).toMatchObject({
      metageneration: '2',
      retentionPolicy: { isLocked: true, retentionPeriod: '3600' },
    });
  });

  test('needs a policy', async () => {
    await gcs.bucket(`${bucket}-plain`);
    const answer = await gcs.call(`b/${bucket}-plain/lockRetentionPolicy?ifMetagenerationMatch=1`, { method: 'POST' });
    expect(answer).toMatchObject({ status: 400, reason: 'invalid' });
  });

  test('may only grow', async () => {
    await lock('ifMetagenerationMatch=1');
    const shorter = await gcs.patchBucket(bucket, { retentionPolicy: { retentionPeriod: '3599' } });
    expect(shorter).toMatchObject({ status: 403, reason: 'forbidden' });
    expect(shorter.text).toContain('Cannot reduce retention duration of a locked Retention Policy');
    const removed = await gcs.patchBucket(bucket, { retentionPolicy: null });
    expect(removed).toMatchObject({ status: 403, reason: 'forbidden' });
    expect(removed.text).toContain('has a locked Retention Policy which cannot be removed');
    const longer = await gcs.patchBucket(bucket, { retentionPolicy: { retentionPeriod: '3601' } });
    expect(longer.body['retentionPolicy']).toMatchObject({ retentionPeriod: '3601', isLocked: true });
  });

  test('keeps the bucket until its objects may go', async () => {
    await lock('ifMetagenerationMatch=1');
    await gcs.upload(bucket, 'a', 'one');
    expect(await gcs.call(`b/${bucket}`, { method: 'DELETE' })).toMatchObject({ status: 409, reason: 'conflict' });
    await gcs.advance(3600);
    await gcs.remove(bucket, 'a');
    expect(await gcs.call(`b/${bucket}`, { method: 'DELETE' })).toMatchObject({ status: 204 });
  });
});

describe('holds', () => {
  const held = { status: 403, reason: 'objectUnderActiveHold' };

  test.each(['temporaryHold', 'eventBasedHold'])(
    '%s refuses delete, overwrite and archiving, even with versioning',
    async (hold) => {
      await gcs.bucket(bucket, { versioning: { enabled: true } });
      const { body } = await gcs.upload(bucket, 'a', 'one');
      await gcs.patch(bucket, 'a', { [hold]: true });
      expect(await gcs.remove(bucket, 'a')).toMatchObject(held);
      expect(await gcs.upload(bucket, 'a', 'two')).toMatchObject(held);
      expect(await gcs.remove(bucket, 'a', `generation=${String(body['generation'])}`)).toMatchObject(held);
      await gcs.patch(bucket, 'a', { [hold]: false });
      expect(await gcs.remove(bucket, 'a')).toMatchObject({ status: 204 });
    },
  );

  test('releasing an event-based hold restarts the retention period, releasing a temporary one does not', async () => {
    await gcs.bucket(bucket, hour);
    for (const [name, hold] of [
      ['event', 'eventBasedHold'],
      ['temporary', 'temporaryHold'],
    ] as const) {
      await gcs.upload(bucket, name, 'one');
      await gcs.patch(bucket, name, { [hold]: true });
    }
    expect((await gcs.object(bucket, 'event')).body['retentionExpirationTime']).toBeUndefined();
    await gcs.advance(3600);
    for (const name of ['event', 'temporary']) {
      expect(await gcs.remove(bucket, name)).toMatchObject(held);
      await gcs.patch(bucket, name, { eventBasedHold: false, temporaryHold: false });
    }
    expect(await gcs.remove(bucket, 'temporary')).toMatchObject({ status: 204 });
    expect(await gcs.remove(bucket, 'event')).toMatchObject(refusal);
    await gcs.advance(3600);
    expect(await gcs.remove(bucket, 'event')).toMatchObject({ status: 204 });
  });

  test('a bucket may place event-based holds on everything new', async () => {
    await gcs.bucket(bucket, { defaultEventBasedHold: true });
    expect((await gcs.upload(bucket, 'a', 'one')).body['eventBasedHold']).toBe(true);
    expect(await gcs.remove(bucket, 'a')).toMatchObject(held);
  });
});

describe('object retention', () => {
  beforeEach(async () => {
    await gcs.bucket(bucket, {}, '&enableObjectRetention=true');
    await gcs.upload(bucket, 'a', 'one');
  });

  test('needs a bucket that enables it, a mode, and a time in the future', async () => {
    await gcs.bucket(`${bucket}-off`);
    await gcs.upload(`${bucket}-off`, 'a', 'one');
    const retention = { mode: 'Locked', retainUntilTime: until(0) };
    expect(await gcs.patch(`${bucket}-off`, 'a', { retention })).toMatchObject({ status: 400, reason: 'invalid' });
    expect(await retain('Forever')).toMatchObject({ status: 400 });
    const past = { mode: 'Locked', retainUntilTime: '2020-01-01T00:00:00Z' };
    expect(await gcs.patch(bucket, 'a', { retention: past })).toMatchObject({ status: 400 });
  });

  test('refuses delete and overwrite while it lasts; the longer of it and the policy counts', async () => {
    await gcs.patchBucket(bucket, hour);
    await retain('Unlocked');
    expect((await gcs.object(bucket, 'a')).body['retentionExpirationTime']).toBe(until(0));
    await gcs.advance(7200);
    expect(await gcs.remove(bucket, 'a')).toMatchObject(refusal);
    expect(await gcs.upload(bucket, 'a', 'two')).toMatchObject(refusal);
  });

  test('Unlocked is shortened or removed only with the override', async () => {
    await retain('Unlocked', 100);
    expect(await retain('Unlocked', 50)).toMatchObject({ status: 403, reason: 'forbidden' });
    expect(await retain(null)).toMatchObject({ status: 403 });
    expect(await retain('Unlocked', 50, 'overrideUnlockedRetention=true')).toMatchObject({ status: 200 });
    expect(await retain(null, 0, 'overrideUnlockedRetention=true')).toMatchObject({ status: 200 });
  });

  test('Locked only grows, override or not', async () => {
    await retain('Locked', 100);
    for (const attempt of [
      ['Locked', 99],
      ['Unlocked', 100],
      [null, 0],
    ] as const) {
      expect(await retain(attempt[0], attempt[1], 'overrideUnlockedRetention=true')).toMatchObject({ status: 403 });
    }
    expect(await retain('Locked', 101)).toMatchObject({ status: 200 });
  });

  test('excludes an event-based hold', async () => {
    await retain('Unlocked');
    expect(await gcs.patch(bucket, 'a', { eventBasedHold: true })).toMatchObject({ status: 400, reason: 'invalid' });
  });
});
