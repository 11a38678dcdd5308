// Provides entries for the history.

import type { NewHistoryEntry } from '../../core/documents/history-entry.ts';

export const operator = { name: 'ann', through: 'api' } as const;

export const annotation = (after: string, over: Partial<NewHistoryEntry> = {}) =>
  ({ kind: 'change', cluster: 'orders', document: { what: 'annotated', after }, ...over }) as NewHistoryEntry;
