/**
 * Runs `work` over the items, at most `limit` at a time; results in the order of the items. Rejects with a failure
 * when no work is under way any more, and begins none after it: whoever is told of it may ask again at once.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  let next = 0;
  const worker = async (): Promise<void> => {
    try {
      for (let at = next++; at < items.length; at = next++) {
        const item = items[at];
        if (item !== undefined) results.set(at, await work(item));
      }
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return items.flatMap((_item, at) => {
    const result = results.get(at);
    return result === undefined ? [] : [result];
  });
}
