// Parses the filter of the history page from the address.

import { historyEntryKinds, type HistoryEntryKind } from '../../../core/documents/history-entry.ts';

export const entriesPerPage = 50;
const longestName = 249;

export interface EntryFilter {
  cluster?: string;
  kind?: HistoryEntryKind;
  /** Only entries older than this one. */
  beforeId?: number;
}

/** Unknown parameters are ignored. */
export function readEntryFilter(parameters: URLSearchParams): EntryFilter {
  const cluster = (parameters.get('cluster') ?? '').slice(0, longestName);
  const kind = historyEntryKinds.find((each) => each === parameters.get('kind'));
  const before = idOf(parameters.get('before'));
  return {
    ...(cluster !== '' && { cluster }),
    ...(kind !== undefined && { kind }),
    ...(before !== undefined && { beforeId: before }),
  };
}

export function idOf(text: string | null | undefined): number | undefined {
  const id = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0;
  return id > 0 ? id : undefined;
}
