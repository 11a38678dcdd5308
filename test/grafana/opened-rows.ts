// Creates a copy of a dashboard with its folded rows open, under another uid.

import type { Dashboard } from '../../dashboards/grafana/dashboard.ts';

/** @returns undefined for a dashboard without folded rows */
export function opened(dashboard: Dashboard): Dashboard | undefined {
  let shift = 0;
  let isFolded = false;
  const panels: NonNullable<Dashboard['panels']> = [];
  for (const panel of plain(dashboard).panels ?? []) {
    if (panel.gridPos !== undefined) panel.gridPos.y += shift;
    panels.push(panel);
    if (!('collapsed' in panel) || panel.collapsed !== true) continue;
    isFolded = true;
    const inside = panel.panels;
    panel.collapsed = false;
    panel.panels = [];
    const top = Math.min(...inside.map(({ gridPos }) => gridPos?.y ?? 0));
    const first = (panel.gridPos?.y ?? 0) + 1;
    for (const each of inside) if (each.gridPos !== undefined) each.gridPos.y += first - top;
    shift += Math.max(...inside.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0))) - first;
    panels.push(...inside);
  }
  return isFolded
    ? { ...dashboard, uid: `${dashboard.uid}-open`, title: `${dashboard.title}, all rows`, panels }
    : undefined;
}

/** Returns the JSON form that Grafana reads, without the methods of the builder. */
const plain = (dashboard: Dashboard) => JSON.parse(JSON.stringify(dashboard)) as Dashboard;
