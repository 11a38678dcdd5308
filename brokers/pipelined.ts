// Sends many small requests with a bounded number in flight.

/** Returns answers in the order of the items. Rejects with the first failure, and then sends no more requests. */
export async function pipelined<Item, Answer>(
  items: readonly Item[],
  atOnce: number,
  one: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const rest = items.entries();
  let failed = false;
  async function next(): Promise<void> {
    for (const [index, item] of rest) {
      try {
        answers[index] = await one(item);
      } catch (cause) {
        failed = true;
        throw cause;
      }
      if (failed) return;
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, next));
  return answers;
}
