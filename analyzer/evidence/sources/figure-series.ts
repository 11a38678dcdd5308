// Defines the series of one figure of one target, the common form of all sources.

import type { FigureName } from './figures.ts';

export interface FigureSeries {
  figure: FigureName;
  /** Host, broker or group; `cluster` for figures of the whole cluster. */
  target: string;
  /** Hosts and addresses by which other series may identify the target, lower case. */
  addresses: readonly string[];
  device?: string;
  /** Seconds since the start of the window at which the first interval ends. */
  firstEnd: number;
  gridSeconds: number;
  /** One per interval; NaN if unknown. */
  values: Float64Array;
  /** Whether every stored record counts, as defined in the naming scheme. */
  countsRecords?: true;
  /** For display: scheme and metrics. */
  source: string;
}

/** @returns the last known value, for figures that do not change */
export function lastOf({ values }: FigureSeries): number | undefined {
  return values.findLast((each) => !Number.isNaN(each));
}

/** Series of one figure, for all targets. */
export function ofFigure(all: readonly FigureSeries[], figure: FigureName): FigureSeries[] {
  return all.filter((each) => each.figure === figure);
}

export interface KnownFigure {
  figure: FigureName;
  device: string | undefined;
  value: number;
}

/** Intervals of a target with their known values; intervals of different lengths are not mixed. */
export function* slotsOf(all: readonly FigureSeries[]): Iterable<{ from: number; to: number; known: KnownFigure[] }> {
  for (const [gridSeconds, group] of Map.groupBy(all, (each) => each.gridSeconds)) {
    const points = Math.max(...group.map(({ values }) => values.length));
    const [{ firstEnd }] = group as [FigureSeries];
    for (let index = 0; index < points; index++) {
      const to = firstEnd + index * gridSeconds;
      const known = group.flatMap(({ figure, device, values }): KnownFigure[] => {
        const value = values[index];
        return value === undefined || Number.isNaN(value) ? [] : [{ figure, device, value }];
      });
      yield { from: to - gridSeconds, to, known };
    }
  }
}
