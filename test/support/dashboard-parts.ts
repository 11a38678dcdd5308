// Lists the panels and expressions of a dashboard.

import type { Dashboard } from '../../dashboards/grafana/dashboard.ts';

export interface GridPlace {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Target {
  expr: string;
  refId: string;
  legendFormat?: string;
  instant?: boolean;
  datasource?: { uid?: string };
}

export interface Panel {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: { uid?: string };
  gridPos?: GridPlace;
  targets?: readonly Target[];
  options?: { legend?: { showLegend?: boolean; displayMode?: string; placement?: string } };
  transformations?: readonly { id: string; options?: { renameByName?: Readonly<Record<string, string>> } }[];
  fieldConfig?: {
    defaults: {
      unit?: string;
      noValue?: string;
      thresholds?: { steps: readonly unknown[] };
      color?: { mode?: string };
      mappings?: readonly unknown[];
    };
    overrides: readonly { properties: readonly { id: string; value?: unknown }[] }[];
  };
}

interface Row extends Panel {
  collapsed?: boolean;
  panels?: readonly Panel[];
}

interface PlainDashboard {
  panels: readonly Row[];
  templating: { list: readonly { type: string; name: string; query: string }[] };
}

/** Returns a dashboard as Grafana reads it, without the methods and enums of the builder. */
const plain = (dashboard: Dashboard) => JSON.parse(JSON.stringify(dashboard)) as PlainDashboard;

/** Returns the panels that share a grid: open panels, and those of each folded row. */
export function gridsOf(dashboard: Dashboard): readonly (readonly Panel[])[] {
  const { panels } = plain(dashboard);
  return [panels, ...panels.flatMap(({ panels: folded = [] }) => (folded.length === 0 ? [] : [folded]))];
}

/** Returns each row with its panels, open or folded. */
export function rowsOf(dashboard: Dashboard): readonly { title: string; panels: readonly Panel[] }[] {
  const rows: { title: string; panels: Panel[] }[] = [];
  for (const { type, title = '', panels = [], ...panel } of plain(dashboard).panels) {
    if (type === 'row') rows.push({ title, panels: [...panels] });
    else rows.at(-1)?.panels.push({ type, title, ...panel });
  }
  return rows;
}

export const panelsOf = (dashboard: Dashboard): readonly Panel[] =>
  gridsOf(dashboard)
    .flat()
    .filter(({ type }) => type !== 'row');

export const targetsOf = (dashboard: Dashboard): readonly Target[] =>
  panelsOf(dashboard).flatMap(({ targets = [] }) => targets);

/** Returns the expressions of panels, annotations and variables. */
export function expressionsOf(dashboard: Dashboard): readonly string[] {
  return [
    ...targetsOf(dashboard).map(({ expr }) => expr),
    ...(dashboard.annotations.list ?? []).map(({ expr = '' }) => expr),
    ...variablesOf(dashboard).flatMap(({ series }) => (series === undefined ? [] : [series])),
  ];
}

export interface Variable {
  name: string;
  /** Label and series that provide the values of the variable. */
  series?: string;
  label?: string;
}

/** @throws if a variable queries labels without naming a series, which would scan all series */
export function variablesOf(dashboard: Dashboard): readonly Variable[] {
  return plain(dashboard).templating.list.map(({ type, name, query }) => {
    if (type !== 'query') return { name };
    const [, series, label] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    if (series === undefined || label === undefined) throw new Error(`${name} asks for ${query}`);
    return { name, series, label };
  });
}

/** Fills in variables as Grafana does with all values selected and a range of the last hours. */
export function filledIn(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '4m')
    .replaceAll('$__range', '30m')
    .replaceAll(/\$(?:cluster|host|topic|consumergroup|process|instance)\b/g, '.+');
}
