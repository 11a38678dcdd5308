// Forecasts load, the time a limit is reached or a disk is full, from a history.

import { diskForecast } from '../../analyzer/forecast/disk-growth.ts';
import { forecastOf, unknownPromotions } from '../../analyzer/forecast/forecast.ts';
import { historyOf, type Reading } from '../../analyzer/forecast/history.ts';
import { readHistory } from '../../analyzer/forecast/history-prometheus.ts';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import { PromotionCalendar } from '../../analyzer/forecast/promotions.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { asCalendar } from '../../app/config/promotion.ts';
import { configuredService } from '../../app/planning/configured-promotions.ts';
import {
  choice,
  type CommandIo,
  defineCommand,
  flag,
  option,
  type OptionValues,
  parsedText,
  PositiveAmount,
  printDocument,
  renderJson,
  text,
} from '../command.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { diskDocument, loadDocument, refusedDocument } from '../../app/planning/forecast-document.ts';
import { diskText, loadText } from '../forecast/forecast-text.ts';
import { readHistoryFile } from '../../app/planning/history-file.ts';
import { configFileOption } from '../options.ts';
import { defined } from '../../core/defined.ts';
import { prometheusAt } from '../../analyzer/evidence/sources/config.ts';
import { Duration, Share, Size } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';
import { defaultConfigFile } from '../../app/config/config-file.ts';

const day = 86_400;
const longestHorizonDays = 92;

const Probability = parsedText(
  (typed) => Share.safeParse(typed.endsWith('%') ? typed : Number(typed)).data,
  (typed) => `${JSON.stringify(typed)} is not a probability: write 0.1 or 10%`,
);

const forecastOptions = {
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
function requestedForecast(positionals: readonly string[], options: ForecastOptions) {
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

function sourceOf(positionals: readonly string[], { prometheus: url, query: expression, last }: ForecastOptions) {
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
    return { kind: 'file' as const, path };
  }
  if (expression === undefined) throw new AppError('usage', '--query is missing: the expression that gives the load');
  return { kind: 'prometheus' as const, source: prometheusAt(url), expression, lastSeconds: last ?? 90 * day };
}

export const forecastCommand = defineCommand({
  positionals: '[HISTORY.csv]',
  options: forecastOptions,
  examples: [
    'plimsoll forecast examples/forecast/orders.csv --promotions examples/forecast/promotions.yaml --timezone Asia/Shanghai',
    'plimsoll forecast history.csv --limit 70000 --fail-above 10% --json',
    'plimsoll forecast --prometheus http://prometheus:9090 --query \'sum(clamp_min(max without (instance) (deriv(kafka_topic_partition_current_offset{cluster="orders", topic!~"__.*"}[5m])), 0))\'',
    'plimsoll forecast used-bytes.csv --capacity 2TB',
  ],

  async run(io) {
    const { options, stdout, stderr, signal, environment } = io;
    const requested = requestedForecast(io.positionals, options);
    const { calendarPath, capacityBytes, statistic } = requested;
    const configured =
      calendarPath === undefined && capacityBytes === undefined
        ? ((await configuredService(options.config, { signal }))?.promotions ?? [])
        : [];
    const zone = timeZone(options.timezone ?? configured[0]?.timezone ?? 'UTC');
    const promotions =
      calendarPath === undefined
        ? configured.map((each) => asCalendar(each, zone.name))
        : (await loadConfigFile(calendarPath, PromotionCalendar, { signal })).promotions;
    const { readings, notes } = await readingsOf(requested.source, io);
    const refuse = (reason: string) => {
      if (options.json) stdout.write(renderJson(refusedDocument(reason)));
      stderr.write(`no forecast: ${reason}\n`);
      return exitCodes.unknown;
    };
    const reading = historyOf(readings, { statistic, zone });
    if (reading.kind === 'refused') return refuse(reading.reason);
    const history = { ...reading.history, notes: [...notes, ...reading.history.notes] };
    if (capacityBytes !== undefined) {
      const disk = diskForecast(history, capacityBytes);
      if (disk.kind === 'refused') return refuse(disk.reason);
      printDocument(io, diskDocument(disk), () => diskText(disk));
      return exitCodes.answered;
    }
    const { limit, horizonSeconds, failAbove } = requested;
    const horizon = Math.ceil((horizonSeconds / 86_400) * history.grid.stepsPerDay);
    const forecast = forecastOf(history, { horizon, promotions, ...(limit !== undefined && { limit }) });
    if (forecast.kind === 'refused') return refuse(forecast.reason);
    const look = { columns: stdout.columns, isPlain: !knowsUnicode(environment) };
    printDocument(io, loadDocument(forecast, history), () => loadText(forecast, history, look));
    if (failAbove === undefined) return exitCodes.answered;
    if ((forecast.limit?.probability ?? 0) > failAbove) return exitCodes.threshold;
    const unknown = unknownPromotions(forecast.points);
    // Without an interval, the simulations contain no other effect of the promotion than the one that was measured.
    if (unknown.length === 0 && forecast.peak.high !== undefined) return exitCodes.answered;
    const gap =
      unknown.length > 0
        ? `no forecast during ${unknown.join(', ')}, which the history does not contain`
        : 'the peak has no interval, because this time of its promotion was measured once';
    stderr.write(`no answer to --fail-above: ${gap}\n`);
    return exitCodes.unknown;
  },
});

async function readingsOf(
  source: ReturnType<typeof sourceOf>,
  io: Pick<CommandIo, 'signal' | 'clock'>,
): Promise<{ readings: Reading[]; notes: string[] }> {
  if (source.kind === 'file') return { readings: await readHistoryFile(source.path, io), notes: [] };
  return readHistory(source.source, source, io);
}
