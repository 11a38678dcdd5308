// Defines the document of `plimsoll forecast --json`.

import { z } from 'zod';
import { candidates, type CandidateName } from '../../analyzer/forecast/candidates/registry.ts';
import type { DiskForecast } from '../../analyzer/forecast/disk-growth.ts';
import type { LoadForecast } from '../../analyzer/forecast/forecast.ts';
import { startOf } from '../../analyzer/forecast/grid.ts';
import type { History } from '../../analyzer/forecast/history.ts';
import { confidence } from '../../analyzer/forecast/forecast-errors.ts';

const schemaVersion = 1;
const timeOf = (timeMs: number) => new Date(timeMs).toISOString();

const time = z.iso.datetime();
const probability = z.number().min(0).max(1);
const wayName = z.enum(Object.keys(candidates) as [CandidateName, ...CandidateName[]]);

const RefusedForecast = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  kind: z.literal('unknown'),
  reason: z.string(),
});

const DiskDocument = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  kind: z.literal('disk'),
  usedBytes: z.number(),
  capacityBytes: z.number(),
  growthBytesPerDay: z
    .strictObject({ quantile50: z.number(), quantile90: z.number(), windows: z.number().int() })
    .describe('over windows of a week'),
  daysToFull: z
    .strictObject({ atQuantile50: z.number().optional(), atQuantile90: z.number() })
    .optional()
    .describe('absent where the disk does not grow'),
  falls: z.number().int().describe('days on which much was deleted'),
  notes: z.array(z.string()).readonly(),
});

const LoadDocument = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  kind: z.literal('forecast'),
  step: z.enum(['hour', 'day']).describe('what a point stands for'),
  timezone: z.string(),
  history: z.strictObject({ from: time, to: time, readings: z.number().int() }),
  confidence: probability.describe('of each band from low to high'),
  peak: z.strictObject({ value: z.number(), low: z.number(), high: z.number(), highestPointAt: time }),
  limit: z
    .strictObject({
      limit: z.number(),
      probability,
      courses: z.number().int().describe('that were drawn'),
      reached: z.array(z.strictObject({ probability, at: time, minutes: z.number().int().describe('from now on') })),
    })
    .optional()
    .describe('of --limit'),
  chosen: wayName,
  backtest: z.strictObject({
    origins: z.number().int(),
    fullOrigins: z.number().int().describe('moments of the past from which the whole horizon was foretold'),
    ways: z.array(
      z.strictObject({
        name: wayName,
        mase: z.number().describe('mean absolute error over that of the same place one week before'),
        pinball: z.number().describe('mean of the quantile losses at 10% and 90%, in the unit of the load'),
        coverage: probability.describe('share of values within the band'),
        compared: z.number().int(),
      }),
    ),
  }),
  promotions: z.array(
    z.strictObject({
      name: z.string(),
      events: z.number().int().describe('past ones that could be measured'),
      multiplier: z
        .strictObject({
          multiplier: z.number(),
          offset: z.number().int().describe('steps since the event began'),
          low: z.number().optional(),
          high: z.number().optional(),
        })
        .describe('of the usual load, where it is the greatest'),
    }),
  ),
  points: z.array(
    z.strictObject({
      time,
      value: z.number().optional().describe('absent while a promotion is on that the history does not know'),
      low: z.number().optional(),
      high: z.number().optional(),
      promotion: z.string().optional(),
    }),
  ),
  notes: z.array(z.string()).readonly(),
});

export const ForecastDocument = z.union([LoadDocument, DiskDocument, RefusedForecast]);
export type ForecastDocument = z.infer<typeof ForecastDocument>;

export function refusedDocument(reason: string): z.infer<typeof RefusedForecast> {
  return { schemaVersion, kind: 'unknown', reason };
}

export function diskDocument(disk: DiskForecast): z.infer<typeof DiskDocument> {
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

export function loadDocument(forecast: LoadForecast, history: History): z.infer<typeof LoadDocument> {
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
