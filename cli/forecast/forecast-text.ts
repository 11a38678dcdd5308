// Renders a forecast as text: peak and limit, the chart, and its basis.

import type { DiskForecast } from '../../analyzer/forecast/disk-growth.ts';
import type { LoadForecast } from '../../analyzer/forecast/forecast.ts';
import { startOf } from '../../analyzer/forecast/grid.ts';
import type { History } from '../../analyzer/forecast/history.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { drawForecast } from './draw-forecast.ts';
import { roundedDurationText } from '../../core/text/duration-text.ts';
import { bytesText, countText, estimateText, percentText } from '../../core/text/quantity-text.ts';

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
  return [
    `Highest in the next ${days} days: ${estimateText(peak.value)} (${intervalText(peak)}), around ${time(peak.timeMs)}\n`,
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

function limitLines({ limit, points }: LoadForecast, endMs: number, time: (timeMs: number) => string): string[] {
  if (limit === undefined) return [];
  const chance = `${countText(limit.limit)} is reached with a probability of ${percentText(limit.probability)} (in ${limit.courses} simulations)\n`;
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
