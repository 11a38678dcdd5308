// What is asked to be forecast? The options of `plimsoll forecast`, checked.

import { timeZone, type TimeZone } from '../../analyzer/forecast/local-time.ts';
import type { Statistic } from '../../analyzer/forecast/history.ts';
import { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { AppError } from '../../core/errors.ts';
import { Duration, Share, Size } from '../../core/text/quantity.ts';
import type { CommandIo } from '../command.ts';
import { numberOption } from '../number-option.ts';

export type HistorySource =
  | { kind: 'file'; path: string }
  | { kind: 'prometheus'; source: PrometheusTelemetry; expression: string; lastSeconds: number };

export interface AskedForecast {
  source: HistorySource;
  zone: TimeZone;
  statistic: Statistic;
  horizonSeconds: number;
  calendarPath?: string;
  limit?: number;
  failAbove?: number;
  capacityBytes?: number;
}

const longestHorizonDays = 92;

/** @throws AppError usage */
export function askedForecast(positionals: readonly string[], options: CommandIo['options']): AskedForecast {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const statistic = text('statistic') ?? 'max';
  if (statistic !== 'max' && statistic !== 'mean') {
    throw new AppError('usage', `--statistic: ${JSON.stringify(statistic)} is not max or mean`);
  }
  const horizonSeconds = durationOf(text('horizon') ?? '14d', 'horizon');
  if (horizonSeconds < 86_400 || horizonSeconds > longestHorizonDays * 86_400 || horizonSeconds % 3600 !== 0) {
    throw new AppError('usage', `--horizon: take 1d to ${longestHorizonDays}d, in whole hours`);
  }
  const limit = numberOption(options, 'limit');
  if (limit !== undefined && !(limit > 0)) throw new AppError('usage', '--limit: a limit is above 0');
  const failAbove = text('fail-above');
  const capacity = text('capacity');
  if (failAbove !== undefined && limit === undefined) {
    throw new AppError('usage', '--fail-above is a probability of reaching --limit, which is missing');
  }
  const calendarPath = text('promotions');
  if (capacity !== undefined && (limit !== undefined || calendarPath !== undefined)) {
    throw new AppError('usage', '--capacity asks when a disk is full: --limit and --promotions are of loads');
  }
  return {
    source: sourceOf(positionals, text),
    zone: timeZone(text('timezone') ?? 'UTC'),
    statistic,
    horizonSeconds,
    ...(calendarPath !== undefined && { calendarPath }),
    ...(limit !== undefined && { limit }),
    ...(failAbove !== undefined && { failAbove: shareOf(failAbove) }),
    ...(capacity !== undefined && { capacityBytes: sizeOf(capacity) }),
  };
}

function sourceOf(positionals: readonly string[], text: (name: string) => string | undefined): HistorySource {
  const [path, ...others] = positionals;
  const [url, expression] = [text('prometheus'), text('query')];
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
    if (expression !== undefined || text('last') !== undefined) {
      throw new AppError('usage', '--query and --last belong to --prometheus, and a file was given');
    }
    return { kind: 'file', path };
  }
  if (expression === undefined) throw new AppError('usage', '--query is missing: the expression that gives the load');
  const source = PrometheusTelemetry.safeParse({ kind: 'prometheus', url });
  if (!source.success) throw new AppError('usage', `--prometheus ${url}: ${source.error.issues[0]?.message}`);
  const lastSeconds = durationOf(text('last') ?? '90d', 'last');
  if (lastSeconds > 800 * 86_400) throw new AppError('usage', '--last: take 800d at most');
  return { kind: 'prometheus', source: source.data, expression, lastSeconds };
}

function durationOf(text: string, option: string): number {
  const duration = Duration.safeParse(text);
  if (duration.success) return duration.data;
  throw new AppError('usage', `--${option}: ${duration.error.issues[0]?.message ?? text}`);
}

function sizeOf(text: string): number {
  const size = Size.safeParse(text);
  if (size.success && size.data > 0) return size.data;
  throw new AppError('usage', `--capacity: ${size.error?.issues[0]?.message ?? 'a capacity is above 0'}`);
}

function shareOf(text: string): number {
  const share = Share.safeParse(text.endsWith('%') ? text : Number(text));
  if (share.success && share.data >= 0 && share.data <= 1) return share.data;
  throw new AppError('usage', `--fail-above: ${JSON.stringify(text)} is no probability: write 0.1 or 10%`);
}
