// Defines the contract of `plimsoll forecast --json`; docs/schema/forecast.schema.json is generated from it.

import { z } from 'zod';
import { TimeZone } from '../local-moment.ts';
import { positive, time } from './values.ts';

export const forecastSchemaVersion = 1;

const probability = z.number().min(0).max(1);
/** Simplest first; the earlier one wins a tie. */
const forecastMethods = [
  'seasonal-naive',
  'holt-winters-additive',
  'holt-winters-multiplicative',
  'seasonal-regression',
] as const;
export type ForecastMethod = (typeof forecastMethods)[number];
const wayName = z.enum(forecastMethods);

export const RefusedForecast = z.strictObject({
  schemaVersion: z.literal(forecastSchemaVersion),
  kind: z.literal('unknown'),
  reason: z.string(),
});

export const DiskDocument = z.strictObject({
  schemaVersion: z.literal(forecastSchemaVersion),
  kind: z.literal('disk'),
  usedBytes: z.number(),
  capacityBytes: z.number(),
  growthBytesPerDay: z
    .strictObject({ quantile50: z.number(), quantile90: z.number(), windows: z.number().int() })
    .describe('over windows of a week'),
  daysToFull: z
    .strictObject({ atQuantile50: z.number().optional(), atQuantile90: z.number() })
    .optional()
    .describe('absent if the disk does not grow'),
  falls: z.number().int().describe('days with large deletions'),
  notes: z.array(z.string()).readonly(),
});

export const LoadDocument = z.strictObject({
  schemaVersion: z.literal(forecastSchemaVersion),
  kind: z.literal('forecast'),
  step: z.enum(['hour', 'day']).describe('meaning of a point'),
  timezone: TimeZone,
  history: z.strictObject({
    from: time,
    to: time,
    readings: z.number().int(),
    spacingSeconds: positive.describe('averaging time of the readings, at least 300'),
    statistic: z.enum(['max', 'mean']).describe('how readings of a step are combined'),
  }),
  confidence: probability.describe('level of each band from low to high'),
  peak: z.strictObject({
    value: z.number(),
    low: z.number().optional().describe('absent if the highest point has no band'),
    high: z.number().optional(),
    highestPointAt: time,
  }),
  limit: z
    .strictObject({
      limit: z.number(),
      probability,
      courses: z.number().int().describe('number of samples'),
      reached: z.array(z.strictObject({ probability, at: time, minutes: z.number().int().describe('from now on') })),
    })
    .optional()
    .describe('of --limit'),
  chosen: wayName,
  backtest: z.strictObject({
    origins: z.number().int(),
    fullOrigins: z.number().int().describe('past times from which the whole horizon was predicted'),
    ways: z.array(
      z.strictObject({
        name: wayName,
        mase: z.number().describe('mean absolute error, divided by that of using the value one week before'),
        pinball: z.number().describe('mean of the quantile losses at 10% and 90%, in the unit of the load'),
        coverage: probability.describe('share of values within the band'),
        compared: z.number().int(),
      }),
    ),
  }),
  promotions: z.array(
    z.strictObject({
      name: z.string().describe('without the year, if times of the promotion differ in it'),
      events: z.number().int().describe('past promotions that could be measured'),
      multiplier: z
        .strictObject({
          multiplier: z.number(),
          offset: z.number().int().describe('steps since the event began'),
          low: z.number().optional(),
          high: z.number().optional(),
        })
        .describe('factor of the usual load, at its highest'),
    }),
  ),
  points: z.array(
    z.strictObject({
      time,
      value: z.number().optional().describe('absent during a promotion that the history has no data for'),
      low: z.number().optional(),
      high: z.number().optional(),
      promotion: z.string().optional(),
    }),
  ),
  notes: z.array(z.string()).readonly(),
});

/** `history` of a forecast that is compared with limits. Old documents do not name their statistic. */
export const PeakHistory = z.looseObject({
  statistic: z
    .literal('max', { error: 'it forecasts means, which hide the peak: forecast without `--statistic mean`' })
    .optional(),
});

export const ForecastDocument = z.union([LoadDocument, DiskDocument, RefusedForecast]);
export type ForecastDocument = z.infer<typeof ForecastDocument>;
