// What does `plimsoll forecast --json` print? One document; unknown is absent.

import type { DiskForecast } from '../../analyzer/forecast/disk-growth.ts';
import type { LoadForecast } from '../../analyzer/forecast/forecast.ts';
import { startOf } from '../../analyzer/forecast/grid.ts';
import type { History } from '../../analyzer/forecast/history.ts';
import { confidence } from '../../analyzer/forecast/misses.ts';

const schemaVersion = 1;
const timeOf = (timeMs: number) => new Date(timeMs).toISOString();

export function refusedDocument(reason: string): object {
  return { schemaVersion, kind: 'unknown', reason };
}

export function diskDocument(disk: DiskForecast): object {
  const { kind, usedBytes, capacityBytes, growth, windows, daysToFull, falls, notes } = disk;
  return {
    schemaVersion,
    kind,
    usedBytes,
    capacityBytes,
    growthBytesPerDay: { quantile50: growth.middle, quantile90: growth.high, windows },
    ...(daysToFull && {
      daysToFull: {
        ...(daysToFull.middle !== undefined && { atQuantile50: daysToFull.middle }),
        atQuantile90: daysToFull.high,
      },
    }),
    falls,
    notes,
  };
}

export function loadDocument(forecast: LoadForecast, history: History): object {
  const { grid, first, values } = history;
  const endMs = startOf(grid, first + values.length);
  const { points, peak, chosen, ways, backtest, promotions, limit, notes } = forecast;
  return {
    schemaVersion,
    kind: 'forecast',
    step: grid.step,
    timezone: grid.zone.name,
    history: { from: timeOf(startOf(grid, first)), to: timeOf(endMs), readings: history.readings },
    confidence,
    peak: { value: peak.value, low: peak.low, high: peak.high, highestPointAt: timeOf(peak.timeMs) },
    ...(limit && {
      limit: {
        limit: limit.limit,
        probability: limit.probability,
        courses: limit.courses,
        reached: limit.reached.map(({ probability, step }) => {
          const at = points[step]?.timeMs ?? endMs;
          return { probability, at: timeOf(at), minutes: Math.round((at - endMs) / 60_000) };
        }),
      },
    }),
    chosen,
    backtest: { ...backtest, ways: ways.map(({ name, score }) => ({ name, ...score })) },
    promotions: promotions.map(({ name, events, peak: multiplier }) => ({ name, events, multiplier })),
    points: points.map(({ timeMs, ...point }) => ({ time: timeOf(timeMs), ...point })),
    notes,
  };
}
