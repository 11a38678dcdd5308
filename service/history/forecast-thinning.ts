// Deletes old forecasts and alerts; verdicts, grades and user entries are never deleted.

import type { DatabaseSync } from 'node:sqlite';

/**
 * Share of the quota above which forecasts are thinned more, then no longer recorded. The rest is reserved for
 * verdicts, tests and changes.
 */
export const forecastShare = 0.9;

export interface KeptForecasts {
  /** Keep all forecasts since this time, in milliseconds since the epoch. */
  allSinceMs: number;
  /** Before `allSinceMs`, keep the last one of each cluster and UTC day: it was valid at midnight, and is graded at its end. */
  dailySinceMs: number;
  /** Before `dailySinceMs`, keep the last one of each cluster and week; none if false. */
  weekly: boolean;
}

const [dayMs, weekMs] = [86_400_000, 604_800_000];

/**
 * Selects forecasts to delete, except the newest of each cluster. Grades store what their forecast predicted, so they
 * do not need it.
 *
 * @returns ids, oldest first
 */
export function thinnableForecasts(database: DatabaseSync, kept: KeptForecasts): number[] {
  const forecasts = "kind = 'forecast' AND at_ms < ?";
  const last = (spanMs: number) =>
    `SELECT max(id) FROM entry WHERE kind = 'forecast' GROUP BY cluster, at_ms / ${spanMs}`;
  const rows = database
    .prepare(
      `SELECT id FROM entry
       WHERE ${forecasts}
         AND NOT (at_ms >= ? AND id IN (${last(dayMs)}))
         AND NOT (? AND at_ms < ? AND id IN (${last(weekMs)}))
         AND id NOT IN (SELECT max(id) FROM entry WHERE kind = 'forecast' GROUP BY cluster)
       ORDER BY id`,
    )
    .all(kept.allSinceMs, kept.dailySinceMs, Number(kept.weekly), kept.dailySinceMs);
  return rows.map((row) => Number(row['id']));
}

export function deleteForecasts(database: DatabaseSync, ids: readonly number[]): number {
  const list = JSON.stringify(ids);
  const { changes } = database
    .prepare("DELETE FROM entry WHERE kind = 'forecast' AND id IN (SELECT value FROM json_each(?))")
    .run(list);
  return Number(changes);
}

export function deleteAlerts(database: DatabaseSync, beforeMs: number): number {
  const { changes } = database.prepare("DELETE FROM entry WHERE kind = 'alert' AND at_ms < ?").run(beforeMs);
  return Number(changes);
}
