// Draws a forecast in a terminal: the last weeks, the expected load and its band.

import type { LoadForecast } from '../../analyzer/forecast/forecast.ts';
import type { History } from '../../analyzer/forecast/history.ts';
import { shortRateText } from '../../core/text/quantity-text.ts';
import { chartColumns, framed, labelWidth, rowOf } from '../chart.ts';

const rows = 10;

const fine = { past: '·', expected: '●', band: '░', limit: '─', now: '┬' };
const plain: typeof fine = { past: '.', expected: 'o', band: ':', limit: '=', now: '^' };

/** A column is several hours: the highest of them. @returns lines of text, each ended */
export function drawForecast(
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
  const rowAt = (value: number) => rowOf(value, top, rows);
  const lines = Array.from({ length: rows }, (_, index) => {
    const row = rows - 1 - index;
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
