// Finds the clusters in maintenance from the configured windows.

import type { MaintenanceWindow } from '../../app/config/service.ts';
import { spanOfLocal } from '../../app/config/promotion.ts';

/** @returns whether a window is open now, for each cluster with a window */
export function maintenanceAt(windows: readonly MaintenanceWindow[], nowMs: number): ReadonlyMap<string, boolean> {
  const open = new Map<string, boolean>();
  for (const window of windows) {
    const { fromMs, toMs } = spanOfLocal(window);
    for (const cluster of window.clusters) {
      open.set(cluster, open.get(cluster) === true || (fromMs <= nowMs && nowMs < toMs));
    }
  }
  return open;
}
