// Declares the options of `plimsoll forecast` and checks how they go together.

import { z } from 'zod';
import type { Statistic } from '../../analyzer/forecast/history.ts';
import { prometheusAt, type PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { Duration, Share, Size } from '../../core/text/quantity.ts';
import { seconds } from '../../core/units.ts';
import { defaultConfigFile } from '../../app/config/config-file.ts';
import type { OptionValues } from '../command.ts';
import { configFileOption } from '../config-option.ts';
import { choice, flag, option, PositiveAmount, text } from '../option.ts';

export type HistorySource =
  | { kind: 'file'; path: string }
  | { kind: 'prometheus'; source: PrometheusTelemetry; expression: string; lastSeconds: number };

interface RequestedForecast {
  source: HistorySource;
  statistic: Statistic;
  horizonSeconds: number;
  calendarPath?: string;
  limit?: number;
  failAbove?: number;
  capacityBytes?: number;
}

const day = 86_400;
const longestHorizonDays = 92;

const Probability = z.string().transform((typed, context) => {
  const share = Share.safeParse(typed.endsWith('%') ? typed : Number(typed));
  if (share.success) return share.data;
  context.addIssue(`${JSON.stringify(typed)} is not a probability: write 0.1 or 10%`);
  return z.NEVER;
});

export const forecastOptions = {
  prometheus: text('URL', 'read the history from this server, with --query'),
  query: text('EXPR', 'expression that gives one series, such as sum(rate(...[5m]))'),
  last: option(
    'TIME',
    'history to read from --prometheus (default 90d)',
    Duration.refine((last) => last <= 800 * day, { error: 'take 800d at most' }).optional(),
  ),
  promotions: text('FILE', 'YAML calendar of promotions, past and ahead (default: service.promotions of the config)'),
  config: {
    ...configFileOption,
    help: `config file with the promotions (default ${defaultConfigFile}, if there is one)`,
  },
  horizon: option(
    'TIME',
    'how far ahead, 1d to 92d (default 14d)',
    Duration.refine((time) => time >= day && time <= longestHorizonDays * day && time % 3600 === 0, {
      error: `take 1d to ${longestHorizonDays}d, in whole hours`,
    }).default(seconds(14 * day)),
  ),
  statistic: option(
    'NAME',
    'value of an hour: max or mean of its readings (default max)',
    choice(['max', 'mean']).default('max'),
  ),
  timezone: text(
    'ZONE',
    'time zone of daily and weekly patterns, such as Asia/Shanghai (default that of service.promotions, or UTC)',
  ),
  limit: option(
    'RATE',
    'print when and how likely the load reaches this rate (unit of the history)',
    PositiveAmount.optional(),
  ),
  'fail-above': option(
    'SHARE',
    'exit with 6 when --limit is reached with more than this probability',
    Probability.optional(),
  ),
  capacity: option(
    'SIZE',
    'treat the history as used bytes of a disk of this size, and print when it is full',
    Size.refine((size) => size > 0, { error: 'a capacity is above 0' }).optional(),
  ),
  json: flag('print the result as one JSON document'),
};

type ForecastOptions = OptionValues<typeof forecastOptions>;

/** @throws AppError usage */
export function requestedForecast(positionals: readonly string[], options: ForecastOptions): RequestedForecast {
  const { statistic, horizon, limit, capacity, promotions: calendarPath, 'fail-above': failAbove } = options;
  if (failAbove !== undefined && limit === undefined) {
    throw new AppError('usage', '--fail-above needs --limit');
  }
  if (capacity !== undefined && (limit !== undefined || calendarPath !== undefined)) {
    throw new AppError('usage', '--capacity is for a disk; --limit and --promotions are for load');
  }
  return {
    source: sourceOf(positionals, options),
    statistic,
    horizonSeconds: horizon,
    ...defined({ calendarPath, limit, failAbove, capacityBytes: capacity }),
  };
}

function sourceOf(
  positionals: readonly string[],
  { prometheus: url, query: expression, last }: ForecastOptions,
): HistorySource {
  const [path, ...others] = positionals;
  if (others.length > 0 || (path === undefined) === (url === undefined)) {
    throw new AppError(
      'usage',
      'forecast takes one CSV file with the header time,value, or --prometheus URL --query EXPR',
      {
        hint: 'examples/forecast/orders.csv shows a file',
      },
    );
  }
  if (path !== undefined) {
    if (expression !== undefined || last !== undefined) {
      throw new AppError('usage', '--query and --last are for --prometheus, but a file was given');
    }
    return { kind: 'file', path };
  }
  if (expression === undefined) throw new AppError('usage', '--query is missing: the expression that gives the load');
  return { kind: 'prometheus', source: prometheusAt(url), expression, lastSeconds: last ?? 90 * day };
}
