// Does the same for each of many, some of them at a time.

/** Begins with the first. Rejects with what `work` rejects with first; what is under way by then is waited for by nobody. */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => PromiseLike<void>,
): Promise<void> {
  // One iterator for all: whoever is done takes the next.
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
