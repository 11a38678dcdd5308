// Lists the hours in which a cluster may safely lose a broker.

import { freezesOf } from '../../app/config/freezes.ts';
import { lossKinds, windowsOf } from '../../app/planning/windows.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { isTimeZone } from '../../core/local-moment.ts';
import { Duration } from '../../core/text/quantity.ts';
import { choice, defineCommand, flag, option, PositiveAmount, printDocument, text } from '../command.ts';
import { policyOf, presentConfig } from '../options.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { historyDatabase } from '../history-file.ts';
import { historyOptions, openForReading } from '../history/opened.ts';
import { knownFromFiles, knownFromHistory } from '../windows/known.ts';
import { verdictLastsByDefault, windowOptions } from '../windows/window-options.ts';
import { windowsText } from '../windows/windows-text.ts';

export const windowsCommand = defineCommand({
  positionals: '[FORECAST.json RUN]',
  options: {
    cluster: text('NAME', 'cluster with forecast and verdict in the history'),
    survives: option('KIND', 'what may be down: broker or zone (default broker)', choice(lossKinds).default('broker')),
    ...windowOptions,
    limit: option('RATE', 'N-1 safe maximum, instead of that of the verdict', PositiveAmount.optional()),
    horizon: option('TIME', 'how far ahead (default: to the end of the forecast)', Duration.optional()),
    timezone: text('ZONE', 'zone of the printed times, such as Asia/Shanghai (default UTC)'),
    ...historyOptions,
    'history-db': historyDatabase,
    json: flag('print the result as one JSON document'),
  },
  examples: [
    'plimsoll windows --cluster orders --for 2h --timezone Asia/Shanghai',
    'plimsoll windows forecast.json runs/20261101-020000 --risk 1%',
    'plimsoll windows forecast.json --limit 52000 --horizon 7d --json',
  ],

  async run(io) {
    const { positionals, options, environment, signal, clock } = io;
    const { cluster, survives, limit: limitTps, timezone = 'UTC', horizon, for: lastsSeconds, risk } = options;
    if (!isTimeZone(timezone)) throw new AppError('usage', `${timezone} is not a time zone`);
    if ((cluster === undefined) === (positionals.length === 0)) {
      throw new AppError('usage', 'give --cluster NAME to use the history, or a forecast and a run', {
        hint: '`plimsoll forecast --json > forecast.json` writes a forecast',
      });
    }
    const config = await presentConfig(io);
    const nowMs = clock.now().getTime();
    const wanted = { survives, limitTps };
    const known = await (async () => {
      if (cluster === undefined) {
        return knownFromFiles(positionals, wanted, { policy: await policyOf(io), signal });
      }
      using history = await openForReading(io);
      const verdictLasts = config?.service.thresholds.verdictLasts ?? verdictLastsByDefault;
      return knownFromHistory(history, { ...wanted, cluster }, { nowMs, lastsSeconds: verdictLasts });
    })();
    const document = windowsOf({
      cluster,
      ...known,
      freezes: config === undefined ? [] : freezesOf(config),
      nowMs,
      horizonSeconds: horizon,
      lastsSeconds,
      risk,
    });
    printDocument(io, document, () => windowsText(document, { timezone, isPlain: !knowsUnicode(environment) }));
    if (document.spans.length === 0) return exitCodes.unknown;
    return document.spans.some(({ state }) => state === 'safe') ? exitCodes.answered : exitCodes.threshold;
  },
});
