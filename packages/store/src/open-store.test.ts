import { describe, expect, test } from '@jest/globals';

import { toGcsFailure } from './gcs-failure.ts';
import { parseStoreUrl } from './open-store.ts';
import { backoffMs, defaultRetry } from './retry.ts';
import { withTimeout } from './timeout.ts';

describe('a store address', () => {
  test.each([
    ['gs://archive', { kind: 'gcs', bucket: 'archive', prefix: '' }],
    ['gs://archive/', { kind: 'gcs', bucket: 'archive', prefix: '' }],
    ['gs://my.bucket-1/team/a/', { kind: 'gcs', bucket: 'my.bucket-1', prefix: 'team/a/' }],
    ['./pulled', { kind: 'directory', path: './pulled' }],
    ['/var/archive', { kind: 'directory', path: '/var/archive' }],
    ['file:///var/archive', { kind: 'directory', path: '/var/archive' }],
  ])('%s', (url, location) => {
    expect(parseStoreUrl(url)).toEqual(location);
  });

  test.each(['', 'gs://', 'gs://A', 'gs:///x', 's3://bucket', 'https://storage.googleapis.com/b', 'file://host/share'])(
    '%j is refused',
    (url) => {
      expect(() => parseStoreUrl(url)).toThrow(expect.objectContaining({ name: 'StoreError', code: 'invalid_url' }));
    },
  );
});

test.each([
  [{ code: 404, message: 'The specified bucket does not exist.' }, 'no-bucket'],
  [{ code: 404, message: 'No such object: b/o' }, 'no-object'],
  [{ code: 412 }, 'taken'],
  [{ code: 409 }, 'taken'],
  [{ code: 401 }, 'denied'],
  [{ response: { status: 403 } }, 'denied'],
  [{ status: 400 }, 'refused'],
  [{ code: 408 }, 'unknown'],
  [{ code: 429 }, 'unknown'],
  [{ code: 500 }, 'unknown'],
  [{ code: 503 }, 'unknown'],
  [{ code: 'ECONNRESET' }, 'unknown'],
  [{ code: 'FILE_NO_UPLOAD_DELETE' }, 'unknown'],
  [new Error('Could not load the default credentials.'), 'denied'],
  ['text', 'unknown'],
  [undefined, 'unknown'],
])('an error like %j means %s', (error, kind) => {
  expect(toGcsFailure(error).kind).toBe(kind);
});

test('waits double up to a limit, at least half of them fixed', () => {
  const settings = { ...defaultRetry, firstDelayMs: 100, maxDelayMs: 350 };
  const waits = (random: number): number[] =>
    [1, 2, 3, 4].map((attempt) => backoffMs({ ...settings, random: () => random }, attempt));
  expect(waits(1)).toEqual([100, 200, 350, 350]);
  expect(waits(0)).toEqual([50, 100, 175, 175]);
});

test('a call that never settles is ended', async () => {
  await expect(withTimeout(new Promise(() => undefined), 5)).rejects.toThrow('no answer within 5 ms');
  expect(await withTimeout(Promise.resolve('in time'), 1000)).toBe('in time');
});
