// Forecasts load, the time a limit is reached or a disk is full, from a history.

import { diskForecast } from '../../analyzer/forecast/disk-growth.ts';
import { forecastOf } from '../../analyzer/forecast/forecast.ts';
import { historyOf, type Reading } from '../../analyzer/forecast/history.ts';
import { readHistory } from '../../analyzer/forecast/history-prometheus.ts';
import { timeZone } from '../../analyzer/forecast/local-time.ts';
import { PromotionCalendar } from '../../analyzer/forecast/promotions.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { exitCodes } from '../../core/errors.ts';
import { asCalendar } from '../../app/config/promotion.ts';
import { configuredPromotions } from '../../app/planning/configured-promotions.ts';
import { defineCommand, type CommandIo } from '../command.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { requestedForecast, forecastOptions, type HistorySource } from '../forecast/forecast-options.ts';
import { diskDocument, loadDocument, refusedDocument } from '../../app/planning/forecast-document.ts';
import { diskText, loadText } from '../forecast/forecast-text.ts';
import { readHistoryFile } from '../../app/planning/history-file.ts';
import { printDocument, renderJson } from '../report.ts';

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
        ? await configuredPromotions(options.config, { signal })
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
    const unknown = new Set(forecast.points.flatMap(({ value, promotion }) => (value === undefined ? promotion : [])));
    if (unknown.size === 0) return exitCodes.answered;
    stderr.write(
      `no answer to --fail-above: no forecast during ${[...unknown].join(', ')}, which the history does not contain\n`,
    );
    return exitCodes.unknown;
  },
});

async function readingsOf(
  source: HistorySource,
  io: Pick<CommandIo, 'signal' | 'clock'>,
): Promise<{ readings: Reading[]; notes: string[] }> {
  if (source.kind === 'file') return { readings: await readHistoryFile(source.path, io), notes: [] };
  return readHistory(source.source, source, io);
}
