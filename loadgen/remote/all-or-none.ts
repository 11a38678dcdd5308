// Starts several tasks at once, or none of them: the first failure aborts the others.

/**
 * After a failure, waits for the others, so that each can clean up while its resources are still open.
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
