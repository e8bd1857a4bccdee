/**
 * Reads for later items while an earlier one is at work, and yields in order: a bucket's latency is paid once, not per
 * object. `width`: reads under way, from 1. Throws where a failed read would have been yielded.
 */
export async function* readAhead<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<readonly [Item, Result]> {
  const pending: { readonly item: Item; readonly result: Promise<Result> }[] = [];
  for await (const item of items) {
    const result = read(item);
    // The rejection is thrown where it is awaited: before that it must not end the process.
    result.catch(() => undefined);
    pending.push({ item, result });
    const next = pending.length < width ? undefined : pending.shift();
    if (next !== undefined) yield [next.item, await next.result];
  }
  for (const next of pending) yield [next.item, await next.result];
}
