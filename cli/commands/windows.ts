// Lists the hours in which a cluster may safely lose a broker.

import { freezesOf } from '../../app/config/freezes.ts';
import { lossKinds, windowsOf } from '../../app/planning/windows.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { isTimeZone, localText, wallClock } from '../../core/local-moment.ts';
import { Duration } from '../../core/text/quantity.ts';
import { choice, defineCommand, flag, option, PositiveAmount, printDocument, text } from '../command.ts';
import { policyOf, presentConfig, historyDatabase } from '../options.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { historyOptions, openForReading } from '../history/opened.ts';
import { knownFromFiles, knownFromHistory } from '../windows/known.ts';
import { verdictLastsByDefault, windowOptions } from '../windows/window-options.ts';
import type { SpanState, WindowsDocument, WindowSpan } from '../../core/documents/windows.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { lossName, percentText, rateText } from '../../core/text/quantity-text.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

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

const hour = 3_600_000;
const day = 24 * hour;
/** Hours of some time zones begin at a quarter of an hour in UTC. */
const quarter = hour / 4;

/** In order of precedence for the mark of an hour. */
const marks: Readonly<Record<SpanState, { mark: string; plain: string; text: string }>> = {
  frozen: { mark: 'F', plain: 'F', text: 'change freeze' },
  'above-limit': { mark: '▓', plain: '#', text: 'load may exceed the limit' },
  'no-forecast': { mark: '?', plain: '?', text: 'no forecast' },
  'too-short': { mark: '▒', plain: '-', text: 'safe, but too short' },
  'cut-by-horizon': { mark: '›', plain: '>', text: 'safe, continues after --horizon' },
  safe: { mark: '·', plain: '.', text: 'safe' },
};
const states = Object.keys(marks) as SpanState[];

interface Look {
  timezone: string;
  isPlain: boolean;
}

/** Renders safe windows as text: the next one, a map of days and hours, and a table. */
export function windowsText(document: WindowsDocument, look: Look): string {
  const { spans, forSeconds, risk } = document;
  const windows = spans.filter(({ state }) => state === 'safe');
  const [next] = windows;
  const last = spans.at(-1);
  const cut = spans.find(({ state }) => state === 'cut-by-horizon');
  const later = cut === undefined ? '' : `; one from ${momentText(cut.from, look)} continues after it`;
  const wanted = `${roundedDurationText(forSeconds)} or longer`;
  const answer =
    last === undefined
      ? `Unknown: the forecast ended at ${momentText(document.forecast.endsAt, look)}. Forecast again from recent history.\n`
      : next === undefined
        ? `No safe window of ${wanted} before ${momentText(last.to, look)}${later}.\n`
        : `Next safe window: ${momentText(next.from, look)} to ${momentText(next.to, look)} (${lengthText(next)}).\n`;
  return [
    answer,
    `${limitLine(document)}; accepted risk ${percentText(risk)}.\n`,
    assumptionLines(document),
    spans.length === 0 ? '' : `\n${hourMap(spans, look)}`,
    windows.length === 0
      ? ''
      : `\n${renderTable(
          columnsOf(['FROM', 'TO', '>LASTS', '>HIGHEST LOAD', '>90%', '>RISK']),
          windows.map((window) => [
            momentText(window.from, look),
            momentText(window.to, look),
            lengthText(window),
            ...(window.load === undefined
              ? ['', '', '']
              : [rateText(window.load.tps), rateText(window.load.high), percentText(window.load.probability)]),
          ]),
        )}`,
    `\n${sourceLine(document, look)}`,
  ].join('');
}

const assumptionLines = ({
  limit: { lost = 'broker', assumptions = [], catchUpUnknown = [] },
}: WindowsDocument): string =>
  [
    ...catchUpUnknown.map(
      (id) => `Unknown: the safe maximum while ${lossName({ lost, id })} catches up after its return`,
    ),
    ...assumptions.map((each) => `Assumed: ${each}`),
  ]
    .map((each) => `${each}.\n`)
    .join('');

function limitLine({ limit: { tps, lost, id = '', limitedBy, duringCatchUp } }: WindowsDocument): string {
  if (lost === undefined) return `Limit: ${rateText(tps)} as given`;
  const cause = limitedBy === undefined ? '' : `, limited by ${limitText(limitedBy)}`;
  const name = lossName({ lost, id });
  const when = duringCatchUp ? `while ${name} catches up after its return` : `after losing ${name}`;
  return `Limit: ${rateText(tps)} ${when}${cause}`;
}

function sourceLine({ limit, forecast }: WindowsDocument, look: Look): string {
  const verdict =
    limit.entry === undefined || limit.measuredAt === undefined
      ? ''
      : `Limit of history entry ${limit.entry}, measured ${momentText(limit.measuredAt, look)}. `;
  const made =
    forecast.entry === undefined || forecast.madeAt === undefined
      ? ''
      : ` of history entry ${forecast.entry}, made ${momentText(forecast.madeAt, look)},`;
  return `${verdict}Forecast${made} to ${localText(Date.parse(forecast.endsAt), look.timezone)}.\n`;
}

/** An hour has the most severe state of its minutes; hours in the past are blank. */
function hourMap(spans: readonly WindowSpan[], { timezone, isPlain }: Look): string {
  const rows = new Map<string, string[]>();
  const seen = new Set<SpanState>();
  for (const { from, to, state } of spans) {
    for (let at = Math.floor(Date.parse(from) / quarter) * quarter; at < Date.parse(to); at += quarter) {
      const wall = wallClock(at, timezone);
      const date = new Date(wall).toISOString().slice(0, 10);
      const row = rows.get(date) ?? Array.from({ length: 24 }, () => ' ');
      const index = Math.floor((wall % day) / hour);
      const before = states.find((each) => mark(each, isPlain) === row[index]);
      const gravest = before !== undefined && states.indexOf(before) < states.indexOf(state) ? before : state;
      row[index] = mark(gravest, isPlain);
      seen.add(state);
      rows.set(date, row);
    }
  }
  const legend = states
    .filter((state) => seen.has(state))
    .map((state) => `${mark(state, isPlain)} ${marks[state].text}`)
    .join('   ');
  return `${renderTable(
    columnsOf(['DAY', 'HOURS 00 TO 23']),
    [...rows].map(([date, row]) => [date, row.join('')]),
  )}${legend}\n`;
}

const mark = (state: SpanState, isPlain: boolean) => (isPlain ? marks[state].plain : marks[state].mark);

const momentText = (time: string, { timezone }: Look) =>
  localText(Date.parse(time), timezone).replace(` ${timezone}`, '');

const lengthText = ({ from, to }: WindowSpan) => roundedDurationText((Date.parse(to) - Date.parse(from)) / 1000);
