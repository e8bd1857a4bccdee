/** Reads ahead, at most `width` at a time, and yields in order: a bucket's latency is paid once, not per object. */
export async function* prefetch<Item, Result>(
  items: Iterable<Item>,
  width: number,
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<readonly [Item, Result]> {
  const pending: { readonly item: Item; readonly result: Promise<Result> }[] = [];
  for (const item of items) {
    const result = read(item);
    // The rejection is thrown where it is awaited below.
    result.catch(() => undefined);
    pending.push({ item, result });
    if (pending.length < width) continue;
    const next = pending.shift();
    if (next !== undefined) yield [next.item, await next.result];
  }
  for (const next of pending) yield [next.item, await next.result];
}
