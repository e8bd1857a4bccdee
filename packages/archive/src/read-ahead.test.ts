import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { readAhead } from './read-ahead.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i += 1) yield await Promise.resolve(i);
}

async function collect<Item, Result>(
  pairs: AsyncIterable<readonly [Item, Result]>,
): Promise<(readonly [Item, Result])[]> {
  const all: (readonly [Item, Result])[] = [];
  for await (const pair of pairs) all.push(pair);
  return all;
}

const double = async (n: number): Promise<number> => Promise.resolve(n * 2);

test.each([1, 3, 100])('gives every item with its result, in order, %d at a time', async (width) => {
  const expected = Array.from({ length: 10 }, (_, i) => [i, i * 2]);
  expect(await collect(readAhead(numbers(10), width, double))).toEqual(expected);
  expect(await collect(readAhead([...expected.keys()], width, double))).toEqual(expected);
});

test('never has more reads under way than its width', async () => {
  let underWay = 0;
  let most = 0;
  const read = async (): Promise<void> => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => setImmediate(resolve));
    underWay -= 1;
  };
  await collect(readAhead(numbers(20), 4, read));
  expect(most).toBe(4);
});

const failAtTwo = async (n: number): Promise<number> =>
  n === 2 ? Promise.reject(new Error('gone')) : Promise.resolve(n);

test('throws a failed read in its turn, after what came before it', async () => {
  const seen: number[] = [];
  await expect(
    (async () => {
      for await (const [n] of readAhead(numbers(9), 4, failAtTwo)) seen.push(n);
    })(),
  ).rejects.toThrow('gone');
  expect(seen).toEqual([0, 1]);
});

test('a read that fails while the list is still awaited does not end the process', () => {
  const program = `
    const { readAhead } = await import(${JSON.stringify(new URL('read-ahead.ts', import.meta.url).href)});
    async function* slow() {
      yield 0;
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield 1;
    }
    try {
      for await (const pair of readAhead(slow(), 8, async () => { throw new Error('gone'); }));
    } catch (error) {
      console.log('caught', error.message);
    }`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect({ stdout, status }).toEqual({ stdout: 'caught gone\n', status: 0 });
});
