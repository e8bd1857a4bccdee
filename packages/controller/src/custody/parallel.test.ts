import { expect, test } from '@jest/globals';
import { inParallel } from './parallel.ts';

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const items = Array.from({ length: 20 }, (_, i) => i);

test('gives results in the order of the items, never more than the limit at a time', async () => {
  let underWay = 0;
  let most = 0;
  const results = await inParallel(items, 4, async (item) => {
    most = Math.max(most, (underWay += 1));
    for (let turns = item % 3; turns >= 0; turns -= 1) await turn();
    underWay -= 1;
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(most).toBe(4);
  expect(await inParallel([], 4, turn)).toEqual([]);
});

test('after a failure begins nothing, and tells it when nothing is under way', async () => {
  const begun: number[] = [];
  let underWay = 0;
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    underWay += 1;
    await turn();
    if (item !== 2) await turn();
    underWay -= 1;
    if (item === 2) throw new Error('denied');
  };
  await expect(inParallel(items, 4, work)).rejects.toThrow('denied');
  expect(underWay).toBe(0);
  expect(begun).toEqual([0, 1, 2, 3]);
});
