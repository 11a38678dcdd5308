// Decides whether an entry of the history is a report that predicted a promotion.

import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { apartMs } from '../status/promotions.ts';

export type ReportEntry = Extract<HistoryEntry, { kind: 'report' }>;

/**
 * @param beganMs start of the promotion of the entry
 * @param fromMs start of the promotion that is reviewed
 */
export function isPrediction(
  entry: HistoryEntry,
  { name, beganMs, fromMs }: { name: string; beganMs: number | undefined; fromMs: number | undefined },
): entry is ReportEntry {
  if (entry.kind !== 'report') return false;
  const { name: reported, from = entry.at } = entry.document.promotion;
  // Entries added after the promotion began are no predictions.
  if (reported !== name || (beganMs !== undefined && Date.parse(entry.at) >= beganMs)) return false;
  // Half a year earlier it is a report of the promotion before, which had the same name.
  return fromMs === undefined || Math.abs(fromMs - Date.parse(from)) < apartMs;
}
