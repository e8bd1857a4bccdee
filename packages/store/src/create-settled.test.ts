import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createSettled } from './create-settled.ts';
import type { CreateOutcome } from './object-store.ts';
import { type RetrySettings, defaultRetry } from './retry.ts';
import { StoreError } from './store-error.ts';

const utf8 = (text: string): Buffer => Buffer.from(text);
const retry: RetrySettings = { ...defaultRetry, attempts: 4, sleep: async () => await Promise.resolve() };
const ours = utf8('ours');

/** What the network does to one upload, and to one reading back. */
type UploadFate = 'arrives' | 'answer-lost' | 'lost' | 'throttled';
type ReadFate = 'answers' | 'lost';

/** A bucket with one name, which only ever creates, behind a network that fails as told. */
class FlakyBucket {
  readonly generations: Buffer[];
  readonly #uploads: UploadFate[];
  readonly #reads: ReadFate[];

  constructor(before: Buffer | undefined, uploads: readonly UploadFate[], reads: readonly ReadFate[]) {
    this.generations = before === undefined ? [] : [before];
    this.#uploads = [...uploads];
    this.#reads = [...reads];
  }

  upload = async (): Promise<string> => {
    const fate = this.#uploads.shift() ?? 'arrives';
    if (fate === 'lost') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    if (fate === 'throttled') throw Object.assign(new Error('slow down'), { code: 429 });
    if (this.generations.length > 0) throw Object.assign(new Error('condition'), { code: 412 });
    this.generations.push(ours);
    if (fate === 'answer-lost') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    return await Promise.resolve('1');
  };

  readBack = async (): Promise<{ bytes: Uint8Array; generation: string } | undefined> => {
    if (this.#reads.shift() === 'lost') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    const [bytes] = this.generations;
    return await Promise.resolve(bytes === undefined ? undefined : { bytes, generation: '1' });
  };
}

async function create(bucket: FlakyBucket): Promise<CreateOutcome | 'unavailable'> {
  try {
    const { upload, readBack } = bucket;
    return await createSettled({ bytes: ours, what: 'create x', retry, upload, readBack });
  } catch (error) {
    if (error instanceof StoreError && error.code === 'unavailable') return 'unavailable';
    throw error;
  }
}

/** Whether an outcome is true of what the bucket now holds. */
function isTrue(outcome: CreateOutcome | 'unavailable', held: Buffer | undefined, bucket: FlakyBucket): boolean {
  if (outcome === 'unavailable') return true;
  const equal = bucket.generations[0]?.equals(ours) === true;
  if (outcome.kind === 'conflict') return !equal;
  return equal && (outcome.kind === 'exists-equal' || held === undefined);
}

const refuse = (status: number) => async (): Promise<string> =>
  await Promise.reject(Object.assign(new Error('no'), { code: status }));
const findNothing = async (): Promise<undefined> => await Promise.resolve(undefined);
const find = (bytes: Buffer) => async () => await Promise.resolve({ bytes, generation: '7' });

test('whatever the network does: one generation, never overwritten, and the outcome tells the truth', async () => {
  const uploads = fc.array(fc.constantFrom<UploadFate>('arrives', 'answer-lost', 'lost', 'throttled'), {
    maxLength: 6,
  });
  const reads = fc.array(fc.constantFrom<ReadFate>('answers', 'lost'), { maxLength: 6 });
  const before = fc.constantFrom(undefined, utf8('ours'), utf8('theirs'));
  await fc.assert(
    fc.asyncProperty(before, uploads, reads, async (held, uploadFates, readFates) => {
      const bucket = new FlakyBucket(held, uploadFates, readFates);
      const outcome = await create(bucket);
      expect(bucket.generations.length).toBeLessThanOrEqual(1);
      expect(bucket.generations[0]).toEqual(held ?? bucket.generations[0]);
      expect(isTrue(outcome, held, bucket)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('calling again after unavailable settles it without a second generation', async () => {
  const bucket = new FlakyBucket(undefined, ['answer-lost', 'lost', 'lost', 'lost'], ['lost', 'lost', 'lost', 'lost']);
  expect(await create(bucket)).toBe('unavailable');
  expect(await create(bucket)).toEqual({ kind: 'exists-equal', generation: '1' });
  expect(bucket.generations).toHaveLength(1);
});

describe('a refusal for good ends at once', () => {
  test.each([
    [400, 'refused'],
    [401, 'denied'],
    [403, 'denied'],
  ])('status %i with nothing there is %s after one attempt', async (status, code) => {
    let uploads = 0;
    const upload = async (): Promise<string> => {
      uploads += 1;
      return await refuse(status)();
    };
    const attempt = createSettled({ bytes: ours, what: 'create x', retry, upload, readBack: findNothing });
    await expect(attempt).rejects.toMatchObject({ name: 'StoreError', code });
    expect(uploads).toBe(1);
  });

  test('403 with something there is compared', async () => {
    const common = { bytes: ours, what: 'create x', retry, upload: refuse(403) };
    expect(await createSettled({ ...common, readBack: find(ours) })).toEqual({ kind: 'exists-equal', generation: '7' });
    expect(await createSettled({ ...common, readBack: find(utf8('x')) })).toMatchObject({ kind: 'conflict' });
  });
});
