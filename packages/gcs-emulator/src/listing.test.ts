import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { isFields } from './json-fields.ts';
import { EmulatorClient } from './testing/emulator-client.ts';

let gcs: EmulatorClient;
const names = ['a', 'a-b', 'a/1', 'a/2', 'a/b/3', 'a0', 'b/1', '\uFFFD', '\u{1F512}'];

beforeAll(async () => {
  gcs = await EmulatorClient.start({ buckets: ['listed'] });
  await gcs.patchBucket('listed', { versioning: { enabled: true } });
  for (const name of names) await gcs.upload('listed', name, name);
  for (const name of ['a/1', 'a/2']) await gcs.upload('listed', name, 'again');
  await gcs.remove('listed', 'a/2');
});
afterAll(async () => {
  await gcs.stop();
});

interface Page {
  readonly items: readonly string[];
  readonly prefixes: readonly string[];
  readonly next: string | undefined;
}

async function page(query: string): Promise<Page> {
  const { body } = await gcs.call(`b/listed/o?${query}`);
  const items: unknown[] = Array.isArray(body['items']) ? body['items'] : [];
  const prefixes: unknown[] = Array.isArray(body['prefixes']) ? body['prefixes'] : [];
  const next = body['nextPageToken'];
  return {
    items: items
      .filter(isFields)
      .map((item) => `${String(item['name'])}${item['timeDeleted'] === undefined ? '' : '~'}`),
    prefixes: prefixes.map(String),
    next: typeof next === 'string' ? next : undefined,
  };
}

async function everyPage(query: string): Promise<{ items: string[]; prefixes: string[]; pages: number }> {
  const all = { items: [] as string[], prefixes: [] as string[], pages: 0 };
  let token: string | undefined = '';
  while (token !== undefined) {
    const found: Page = await page(`${query}&pageToken=${token}`);
    all.items.push(...found.items);
    all.prefixes.push(...found.prefixes);
    all.pages += 1;
    token = found.next;
  }
  return all;
}

const live = names
  .filter((name) => name !== 'a/2')
  .toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

test('live objects come in the order of UTF-8 bytes', async () => {
  expect((await page('')).items).toEqual(live);
});

test('versions come oldest first, noncurrent ones only when asked for', async () => {
  expect((await page('prefix=a/&versions=true')).items).toEqual(['a/1~', 'a/1', 'a/2~', 'a/2~', 'a/b/3']);
  expect((await page('prefix=a/')).items).toEqual(['a/1', 'a/b/3']);
});

test('a delimiter folds names into prefixes', async () => {
  expect(await page('delimiter=/')).toMatchObject({
    items: ['a', 'a-b', 'a0', '\uFFFD', '\u{1F512}'],
    prefixes: ['a/', 'b/'],
  });
  expect(await page('delimiter=/&prefix=a/')).toMatchObject({ items: ['a/1'], prefixes: ['a/b/'] });
});

test('offsets bound the names: start inclusive, end exclusive', async () => {
  expect((await page('startOffset=a/1&endOffset=a0')).items).toEqual(['a/1', 'a/b/3']);
});

describe.each(['', 'versions=true', 'delimiter=/', 'delimiter=/&versions=true', 'prefix=a'])('pages of %j', (query) => {
  test('put together are the whole, at any size', async () => {
    const whole = await page(query);
    for (const size of [1, 2, 3]) {
      const { items, prefixes } = await everyPage(`${query}&maxResults=${size}`);
      expect({ items, prefixes }).toEqual({ items: whole.items, prefixes: whole.prefixes });
    }
  });
});

test('what would have to be ignored is refused', async () => {
  for (const query of ['matchGlob=*', 'includeTrailingDelimiter=true']) {
    expect(await gcs.call(`b/listed/o?${query}`)).toMatchObject({ status: 501, reason: 'notImplemented' });
  }
  for (const query of ['pageToken=x', 'maxResults=-1', 'prefix=a&prefix=b']) {
    expect(await gcs.call(`b/listed/o?${query}`)).toMatchObject({ status: 400, reason: 'invalid' });
  }
});

test('prefix and start offset select like filter over sorted names', async () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', '0', '1'), maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(part, part, async (prefix, startOffset) => {
      const query = new URLSearchParams({ prefix, startOffset });
      const expected = live.filter(
        (name) => name.startsWith(prefix) && Buffer.compare(Buffer.from(name), Buffer.from(startOffset)) >= 0,
      );
      expect((await page(query.toString())).items).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
