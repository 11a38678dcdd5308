// Reads all entries of the history that match a query, newest first and page by page.

import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import type { HistoryQuery, HistoryReader } from './history.ts';

const pageSize = 500;

export function* everyEntry(
  history: Pick<HistoryReader, 'entries'>,
  query: Omit<HistoryQuery, 'limit' | 'beforeId'>,
): Iterable<HistoryEntry> {
  for (let beforeId: number | undefined; ;) {
    const page = history.entries({ ...query, ...(beforeId !== undefined && { beforeId }), limit: pageSize });
    yield* page;
    if (page.length < pageSize) return;
    beforeId = page.at(-1)?.id;
  }
}
