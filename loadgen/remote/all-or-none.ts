// Starts several things at once, or none of them: the first failure aborts the others.

/**
 * The others are waited for after a failure, so that each undoes its own part while what it works with is still open.
 *
 * @param signal aborts all of them
 * @throws the first failure
 */
export async function allOrNone<Item>(
  items: readonly Item[],
  signal: AbortSignal,
  start: (item: Item, index: number, io: { signal: AbortSignal }) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const io = { signal: AbortSignal.any([signal, failed.signal]) };
  const failures: unknown[] = [];
  await Promise.allSettled(
    items.map((item, index) =>
      start(item, index, io).catch((error: unknown) => {
        failures.push(error);
        failed.abort(error);
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
