// Detects and corrects rates per minute of some exporter builds, by comparison with offsets, which are plain counts.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { ofFigure, type FigureSeries } from './figure-series.ts';
import type { Choice } from './selection.ts';

/** Offsets exclude retries and internal topics, which the rate includes, so an honest rate is higher by at most this factor. */
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

export const isPerMinute = (ratio: number | undefined): boolean => ratio !== undefined && ratio > mostHonestRatio;

/** If a build of an exporter exports sums of a minute, all its rates are such sums. */
export function withRatesDecided(
  source: string,
  choices: readonly Choice[],
  series: readonly FigureSeries[],
): { series: readonly FigureSeries[]; findings: Finding[] } {
  const doubtful = choices.filter(({ candidate }) => candidate.alternative.perMinuteOf !== undefined);
  const metric = doubtful[0]?.candidate.alternative.perMinuteOf;
  if (metric === undefined) return { series, findings: [] };
  const figures = new Set(doubtful.map(({ candidate }) => candidate.figure));
  const ratio = figures.has('messagesInPerSecond') ? undefined : rateOverOffsets(series);
  if (ratio === undefined) return { series, findings: [findingOf('source-unit-unknown', { source, metric })] };
  if (!isPerMinute(ratio)) return { series, findings: [findingOf('source-rates-compared', { source, metric, ratio })] };
  return {
    series: series.map((each) =>
      figures.has(each.figure) ? { ...each, values: each.values.map((value) => value / 60) } : each,
    ),
    findings: [findingOf('source-per-minute', { source, metric, ratio })],
  };
}
