// Decides whether an entry of the history is a report that predicted a promotion.

import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { apartMs } from '../status/promotions.ts';

export type ReportEntry = Extract<HistoryEntry, { kind: 'report' }>;

/**
 * @param beganMs start of the promotion: a report recorded later is not a prediction
 * @param fromMs start of the reviewed promotion
 * @param mostMovedMs how far a promotion may have been moved since its report
 */
export function isPrediction(
  entry: HistoryEntry,
  {
    name,
    beganMs,
    fromMs,
    mostMovedMs = apartMs,
  }: { name: string; beganMs: number | undefined; fromMs: number | undefined; mostMovedMs?: number },
): entry is ReportEntry {
  if (entry.kind !== 'report') return false;
  const { name: reported, from } = entry.document.promotion;
  // Reports recorded after the promotion began are not predictions.
  if (reported !== name || (beganMs !== undefined && Date.parse(entry.at) >= beganMs)) return false;
  if (fromMs === undefined) return true;
  // A larger distance means another promotion of the same name.
  return Math.abs(fromMs - Date.parse(from ?? entry.at)) < (from === undefined ? apartMs : mostMovedMs);
}
