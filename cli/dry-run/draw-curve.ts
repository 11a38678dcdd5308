// Draws load over time in a terminal as columns of eight levels, or as ASCII.

import { countText, shortRateText } from '../../core/text/quantity-text.ts';
import { chartColumns, framed, labelWidth } from '../chart.ts';
import type { LoadCurve } from './load-curve.ts';

const rows = 8;
const fine = ' ▁▂▃▄▅▆▇█';
/** ASCII has only full and empty cells, in eight lines. */
const plain = ' #';

/** POSIX precedence: LC_ALL, LC_CTYPE, LANG. */
export function knowsUnicode({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

export const curveColumns = (terminalColumns: number) => chartColumns(terminalColumns, 120);

export function drawCurve({ heights, highest, seconds, unit }: LoadCurve, { isPlain }: { isPlain: boolean }): string {
  const levels = isPlain ? plain : fine;
  const fullest = levels.length - 1;
  const label = (value: number) => {
    const rate = shortRateText(value);
    return unit === 'rate' ? rate : unit === 'count' ? rate.replace('/s', '') : Math.round(value).toString();
  };
  const lines = Array.from({ length: rows }, (_, line) => {
    const row = rows - 1 - line;
    return heights.map((height) => {
      const filled = Math.ceil((height / highest) * rows * fullest - 1e-9) - row * fullest;
      return levels[Math.max(0, Math.min(fullest, filled))] ?? ' ';
    });
  });
  return [...framed({ lines, highest, label, isPlain }), timeLabels(seconds, heights.length), ''].join('\n');
}

function timeLabels(seconds: number, columns: number): string {
  const [middle, end] = [shortDuration(seconds / 2), shortDuration(seconds)];
  const begun = '0 s'.padEnd(Math.round((columns - middle.length) / 2));
  const line = `${begun}${middle}`.padEnd(columns - end.length);
  return `${' '.repeat(labelWidth + 2)}${line}${end}`;
}

/** Two significant digits: `90 s`, `12 min`, `36 h`, `30 d`. */
export function shortDuration(seconds: number): string {
  const [size, unit] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ].find(([each]) => seconds >= 2 * Number(each)) ?? [1, 's'];
  const value = seconds / Number(size);
  return `${countText(Number(value.toFixed(value < 10 ? 1 : 0)))} ${unit}`;
}
