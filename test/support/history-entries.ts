// Provides entries for the history.

import type { NewHistoryEntry } from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';
import type { History } from '../../service/history/history.ts';

export const operator = { name: 'ann', through: 'api' } as const;

export const annotation = (after: string, over: Partial<NewHistoryEntry> = {}) =>
  ({ kind: 'change', cluster: 'orders', document: { what: 'annotated', after }, ...over }) as NewHistoryEntry;

/** Simulates a full disk: the free space of the last page is filled, too. */
export function fillHistory(history: Pick<History, 'append' | 'limitBytes'>): void {
  history.limitBytes(1);
  try {
    for (;;) history.append(annotation('full'), operator);
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'ledger-full')) throw cause;
  }
}
