// Creates the documents of `plimsoll forecast --json`, and the part that the history stores.

import type { z } from 'zod';
import type { DiskForecast } from '../../analyzer/forecast/disk-growth.ts';
import { unknownPromotions, type LoadForecast } from '../../analyzer/forecast/forecast.ts';
import { startOf } from '../../analyzer/forecast/grid.ts';
import type { History } from '../../analyzer/forecast/history.ts';
import { confidence } from '../../analyzer/forecast/forecast-errors.ts';
import { defined } from '../../core/defined.ts';
import {
  forecastSchemaVersion as schemaVersion,
  type DiskDocument,
  type LoadDocument,
  type RefusedForecast,
} from '../../core/documents/forecast.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';

const intervalOf = ({ low, high }: LoadForecast['peak']) =>
  low === undefined || high === undefined ? {} : { low, high };
const timeOf = (timeMs: number) => new Date(timeMs).toISOString();

export function refusedDocument(reason: string): z.infer<typeof RefusedForecast> {
  return { schemaVersion, kind: 'unknown', reason };
}

export function diskDocument(disk: DiskForecast): z.infer<typeof DiskDocument> {
  return { schemaVersion, ...disk };
}

export function loadDocument(forecast: LoadForecast, history: History): z.infer<typeof LoadDocument> {
  const { grid, first, values, readings, spacingSeconds, statistic } = history;
  const endMs = startOf(grid, first + values.length);
  const { points, peak, chosen, ways, backtest, promotions, limit, notes } = forecast;
  return {
    schemaVersion,
    kind: 'forecast',
    step: grid.step,
    timezone: grid.zone.name,
    history: { from: timeOf(startOf(grid, first)), to: timeOf(endMs), readings, spacingSeconds, statistic },
    confidence,
    peak: { value: peak.value, ...intervalOf(peak), highestPointAt: timeOf(peak.timeMs) },
    ...(limit && {
      limit: {
        limit: limit.limit,
        probability: limit.probability,
        courses: limit.courses,
        reached: limit.reached.map(({ probability: share, step }) => {
          const at = points[step]?.timeMs ?? endMs;
          return { probability: share, at: timeOf(at), minutes: Math.round((at - endMs) / 60_000) };
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

type ForecastFigures = Pick<z.infer<typeof LoadDocument>, 'peak' | 'points'> & { chosen: string };

/** Part that the history stores; times without a forecast, such as an unknown promotion, have no point. */
export function recordedForecast({ peak, points, chosen }: ForecastFigures, horizonEndsAt: string): RecordedForecast {
  const { value: tps, low, high, highestPointAt: at } = peak;
  const excluded = unknownPromotions(points);
  const atLeastZero = (value: number | undefined) => (value === undefined ? undefined : Math.max(0, value));
  return {
    horizonEndsAt,
    peak: { ...defined({ tps, low: atLeastZero(low), high: atLeastZero(high) }), at, confidence },
    points: points.flatMap(({ time, value, ...band }) =>
      value === undefined
        ? []
        : defined({ at: time, tps: Math.max(0, value), low: atLeastZero(band.low), high: atLeastZero(band.high) }),
    ),
    ...(excluded.length > 0 && { excluded }),
    chosen,
  };
}
