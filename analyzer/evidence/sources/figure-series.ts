// Defines the series of one figure of one target, the common form of all sources.

import type { FigureName } from './figures.ts';

export interface FigureSeries {
  figure: FigureName;
  /** Host, broker or group; `cluster` for figures of the whole. */
  target: string;
  /** Hosts and addresses by which others may know the target, lower case. */
  addresses: readonly string[];
  device?: string;
  /** Seconds since the start of the window at which the first interval ends. */
  firstEnd: number;
  gridSeconds: number;
  /** One per interval; NaN where it is not known. */
  values: Float64Array;
  /** For display: scheme and metrics. */
  source: string;
}

/** @returns the last figure there is, for what does not change */
export function lastOf({ values }: FigureSeries): number | undefined {
  return values.findLast((each) => !Number.isNaN(each));
}

/** Series of one figure by target. */
export function ofFigure(all: readonly FigureSeries[], figure: FigureName): FigureSeries[] {
  return all.filter((each) => each.figure === figure);
}
