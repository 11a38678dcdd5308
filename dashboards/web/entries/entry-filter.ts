// Parses the filter of the history page from the address.

import { defined } from '../../../core/defined.ts';
import { momentOfText } from '../../../core/local-moment.ts';
import {
  changeKinds,
  historyEntryKinds,
  type ChangeKind,
  type HistoryEntryKind,
} from '../../../core/documents/history-entry.ts';

export const entriesPerPage = 50;
const longestName = 249;
const longestTyped = 20;

export interface EntryFilter {
  cluster?: string;
  kind?: HistoryEntryKind;
  /** Replaces `kind`: one kind of changes, such as notes. */
  change?: ChangeKind;
  /** As typed: local times in the view's time zone. */
  from: string;
  to: string;
  sinceMs?: number;
  untilMs?: number;
  /** Only entries older than this id. */
  beforeId?: number;
}

export const filterParameters = ['cluster', 'kind', 'from', 'to', 'before'] as const;

/** Ignores unknown parameters and invalid times. */
export function readEntryFilter(parameters: URLSearchParams, timeZone: string): EntryFilter {
  const cluster = (parameters.get('cluster') ?? '').slice(0, longestName);
  const kindText = parameters.get('kind');
  const kind = historyEntryKinds.find((each) => each === kindText);
  const change = kind === undefined ? changeKinds.find((each) => each === kindText) : undefined;
  const typed = (name: 'from' | 'to') => (parameters.get(name) ?? '').slice(0, longestTyped);
  const [from, to] = [typed('from'), typed('to')];
  const [sinceMs, untilMs] = [momentOfText(from, timeZone), momentOfText(to, timeZone)];
  const beforeId = idOf(parameters.get('before'));
  return { from, to, ...(cluster !== '' && { cluster }), ...defined({ kind, change, sinceMs, untilMs, beforeId }) };
}

export function idOf(text: string | null | undefined): number | undefined {
  const id = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0;
  return id > 0 ? id : undefined;
}
