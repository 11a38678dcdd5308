// Chooses legend and axis of a graph by its series names, unit and limits.

import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from './panel.ts';
import { units } from './unit.ts';

/** Names of topics, consumer groups, paths and errors are long. */
const longNames = /\{\{(?:topic|consumergroup|path|error)\}\}|\{\{cluster\}\} \{\{group\}\}/;

/** One row per series: beside a graph there is room for ten, below it, for long names, for a third of the height. */
export const legendTable = ({ queries }: Panel) =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(queries.some(({ legend }) => longNames.test(legend)) ? LegendPlacement.Bottom : LegendPlacement.Right)
    .calcs(['lastNotNull'])
    // Largest first, because the legend may not have room for all.
    .sortBy('Last *')
    .sortDesc(true);

/** Grafana scales an axis with only zeros to 100, or to 10000%. A limit is always visible. */
export function softMaxOf({ unit, limits, canBeNegative, max }: Panel): number | undefined {
  if (max !== undefined || canBeNegative === true) return undefined;
  if (limits?.worse === 'above') return limits.warn;
  return leastAxis.get(unit) ?? 1;
}

const leastAxis = new Map<string, number>([
  [units.cores, 0.1],
  [units.perSecond, 0.1],
  [units.bytes, 1024],
  [units.bytesPerSecond, 1000],
  [units.duration, 60],
  [units.messagesPerSecond, 10],
  [units.ratio, 0.1],
  [units.seconds, 0.01],
]);
