// Combines the history entries of an alert, from when it fired and was resolved, into one mark.

import { defined } from '../../core/defined.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import type { AlertMark } from '../../dashboards/web/readings/readings-view.ts';

/** The longest range of charts is a week. */
export const keptMs = 8 * 86_400_000;

export interface KeptAlert {
  key: string;
  mark: AlertMark;
  /** Time of the last record: an alert that fires for long is recorded repeatedly. */
  recordedMs: number;
}

export const isOver = ({ mark: { endMs } }: KeptAlert, nowMs: number): boolean =>
  endMs !== undefined && endMs < nowMs - keptMs;

/** @param entries newest first. @returns marks, oldest first */
export function marksOf(entries: readonly HistoryEntry[]): KeptAlert[] {
  const alerts = new Map<string, KeptAlert>();
  for (const entry of entries.toReversed()) {
    if (entry.kind !== 'alert') continue;
    const { fingerprint, name, startsAt, endsAt, severity, summary, summaryZh } = entry.document;
    const mark = {
      name,
      startMs: Date.parse(startsAt),
      ...(endsAt !== undefined && { endMs: Date.parse(endsAt) }),
      ...defined({ severity, summary, summaryZh }),
    };
    alerts.set(fingerprint, { key: fingerprint, mark, recordedMs: Date.parse(entry.at) });
  }
  return [...alerts.values()].toSorted((one, other) => one.mark.startMs - other.mark.startMs);
}
