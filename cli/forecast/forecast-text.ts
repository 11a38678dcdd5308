// Renders a forecast as text: peak and limit, the chart, and its basis.

import type { DiskForecast } from '../../analyzer/forecast/disk-growth.ts';
import { unknownPromotions, type LoadForecast } from '../../analyzer/forecast/forecast.ts';
import { startOf } from '../../analyzer/forecast/grid.ts';
import type { History } from '../../analyzer/forecast/history.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';
import { bytesText, countText, estimateText, percentText, shortRateText } from '../../core/text/quantity-text.ts';
import { chartColumns, framed, labelWidth, rowOf } from '../chart.ts';

export function loadText(
  forecast: LoadForecast,
  history: History,
  look: { columns: number; isPlain: boolean },
): string {
  const { grid, first, values } = history;
  const { points, peak, ways, chosen, backtest, notes } = forecast;
  const endMs = startOf(grid, first + values.length);
  const time = (timeMs: number) => localTime(timeMs, history);
  const days = Math.round(points.length / grid.stepsPerDay);
  const rows = ways.map(({ name, score }) => [
    name === chosen ? `${name} *` : name,
    score.mase.toFixed(2),
    estimateText(score.pinball),
    percentText(score.coverage),
  ]);
  const unknown = unknownPromotions(forecast.points);
  const without = unknown.length === 0 ? '' : `, without times of ${unknown.join(', ')} (not in the history)`;
  return [
    `Highest in the next ${days} days${without}: ${estimateText(peak.value)} (${intervalText(peak)}), around ${time(peak.timeMs)}\n`,
    ...limitLines(forecast, endMs, time),
    '\n',
    drawForecast(forecast, history, look),
    '\n',
    ...promotionLines(forecast, history),
    `From ${time(startOf(grid, first))} to ${time(endMs)}, by the ${grid.step}, ${grid.zone.name}. Checked at ${backtest.origins} earlier origins, ${backtest.fullOrigins} with the whole horizon:\n\n`,
    renderTable(columnsOf(['METHOD', '>MASE', '>PINBALL', '>IN 80% BAND']), rows),
    notes.length === 0 ? '' : '\n',
    ...notes.map((note) => `- ${note}\n`),
  ].join('');
}

const intervalText = ({ low, high }: LoadForecast['peak']): string =>
  low === undefined || high === undefined
    ? 'no interval: this time of its promotion was measured once'
    : `${estimateText(low)} to ${estimateText(high)} at 80%`;

function localTime(timeMs: number, { grid }: History): string {
  return new Date(timeMs + grid.zone.offsetAt(timeMs)).toISOString().slice(0, 16).replace('T', ' ');
}

function limitLines(forecast: LoadForecast, endMs: number, time: (timeMs: number) => string): string[] {
  const { limit, points } = forecast;
  if (limit === undefined) return [];
  const besides = unknownPromotions(points).length === 0 ? '' : 'Outside these times, ';
  const chance = `${besides}${countText(limit.limit)} is reached with a probability of ${percentText(limit.probability)} (in ${limit.courses} simulations)\n`;
  return [
    chance,
    ...limit.reached.map(({ probability, step }) => {
      const at = points[step]?.timeMs ?? endMs;
      const wait = at > endMs ? `, in ${roundedDurationText((at - endMs) / 1000)}` : '';
      return `  ${percentText(probability)} by ${time(at)}${wait}\n`;
    }),
  ];
}

function promotionLines({ promotions }: LoadForecast, { grid }: History): string[] {
  if (promotions.length === 0) return [];
  const lines = promotions.map(({ name, events, peak: { multiplier, low, high, offset } }) => {
    const interval =
      low === undefined || high === undefined
        ? events === 1
          ? 'no interval from one event'
          : `no interval: that ${grid.step} was measured once`
        : `${low.toFixed(2)} to ${high.toFixed(2)} at 80%`;
    const place = `${grid.step} ${offset} of it`;
    return `  ${name}: ${multiplier.toFixed(2)} times the usual at its highest (${place}), ${interval}; ${events === 1 ? 'measured once' : `${events} events`}\n`;
  });
  return ['Promotions\n', ...lines, '\n'];
}

export function diskText({ usedBytes, capacityBytes, growthBytesPerDay, daysToFull, notes }: DiskForecast): string {
  const { quantile50, quantile90, windows } = growthBytesPerDay;
  const { atQuantile50, atQuantile90 } = daysToFull ?? {};
  const high = atQuantile90 === undefined ? undefined : estimateText(atQuantile90);
  const middle = atQuantile50 === undefined ? 'it does not fill' : `${estimateText(atQuantile50)} days`;
  return [
    high === undefined
      ? 'The disk does not fill: it does not grow.\n'
      : `Full in ${high} days at the growth of the 90th percentile week; at median growth, ${middle}.\n`,
    `${bytesText(usedBytes)} of ${bytesText(capacityBytes)} are used. Growth per day: median ${bytesText(quantile50)}, 90th percentile ${bytesText(quantile90)}, over ${windows} windows of a week.\n`,
    ...notes.map((note) => `- ${note}\n`),
  ].join('');
}

const chartRows = 10;

const fine = { past: '·', expected: '●', band: '░', limit: '─', now: '┬' };
const plain: typeof fine = { past: '.', expected: 'o', band: ':', limit: '=', now: '^' };

/** Each column covers several hours and shows the highest. @returns lines of text, each ended */
function drawForecast(
  { points, limit }: LoadForecast,
  { values }: History,
  { columns, isPlain }: { columns: number; isPlain: boolean },
): string {
  const pen = isPlain ? plain : fine;
  const width = chartColumns(columns, 96);
  const shown = Math.min(values.length, points.length);
  const past = values.subarray(values.length - shown);
  const perColumn = (shown + points.length) / width;
  const now = Math.round(shown / perColumn);
  const columnOf = (index: number) => Math.min(width - 1, Math.floor(index / perColumn));
  const tops = (pick: (index: number) => number | undefined) => {
    const highest: (number | undefined)[] = Array.from({ length: width });
    for (let index = 0; index < shown + points.length; index += 1) {
      const value = pick(index);
      const column = columnOf(index);
      if (value !== undefined && !Number.isNaN(value)) highest[column] = Math.max(highest[column] ?? 0, value);
    }
    return highest;
  };
  const was = tops((index) => past[index]);
  const expected = tops((index) => points[index - shown]?.value);
  const low = tops((index) => points[index - shown]?.low);
  const high = tops((index) => points[index - shown]?.high);
  const top = Math.max(1e-9, ...[...was, ...expected, ...high].map((value) => value ?? 0));
  const rowAt = (value: number) => rowOf(value, top, chartRows);
  const lines = Array.from({ length: chartRows }, (_, index) => {
    const row = chartRows - 1 - index;
    return Array.from({ length: width }, (_each, column) => {
      const is = (value: number | undefined) => value !== undefined && rowAt(value) === row;
      if (is(expected[column])) return pen.expected;
      if (is(was[column])) return pen.past;
      const [floor, ceiling] = [low[column], high[column]];
      if (floor !== undefined && ceiling !== undefined && row >= rowAt(floor) && row <= rowAt(ceiling)) return pen.band;
      return limit !== undefined && limit.limit <= top && rowAt(limit.limit) === row ? pen.limit : ' ';
    });
  });
  const label = (value: number) => shortRateText(value).replace('/s', '');
  const mark = { column: now, text: pen.now };
  return [...framed({ lines, highest: top, label, isPlain, mark }), `${' '.repeat(labelWidth + now)}forecast`, ''].join(
    '\n',
  );
}
