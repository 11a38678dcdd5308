// Detects rates per minute from some exporter builds by comparing them with offsets, which only count.

import { ofFigure, type FigureSeries } from './figure-series.ts';

/** Offsets leave out retries and internal topics, which the rate has: it is higher by less than this. */
const mostHonestRatio = 20;

/**
 * @returns the rate divided by the growth of the offsets, over the intervals in which both are known; undefined without
 * offsets, or if nothing was sent
 */
export function rateOverOffsets(all: readonly FigureSeries[]): number | undefined {
  const offsets = new Map(ofFigure(all, 'messagesInPerSecond').map((each) => [each.target, each]));
  let rates = 0;
  let grown = 0;
  for (const { target, values, gridSeconds } of ofFigure(all, 'putRate')) {
    const counted = offsets.get(target);
    if (counted === undefined || counted.gridSeconds !== gridSeconds) continue;
    for (const [index, rate] of values.entries()) {
      const growth = counted.values[index] ?? Number.NaN;
      if (Number.isNaN(rate) || Number.isNaN(growth)) continue;
      rates += rate;
      grown += growth;
    }
  }
  return grown > 0 ? rates / grown : undefined;
}

export function isPerMinute(ratio: number | undefined): boolean {
  return ratio !== undefined && ratio > mostHonestRatio;
}

export function dividedByMinute(series: FigureSeries): FigureSeries {
  return { ...series, values: series.values.map((value) => value / 60) };
}
