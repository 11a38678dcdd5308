// Draws a forecast in a terminal: the last weeks, the expected load and its band.

import type { LoadForecast } from '../../analyzer/forecast/forecast.ts';
import type { History } from '../../analyzer/forecast/history.ts';
import { shortRateText } from '../../core/text/quantity-text.ts';

const rows = 10;
const labelWidth = 9;

const fine = {
  past: '·',
  expected: '●',
  band: '░',
  limit: '─',
  tick: '┤',
  side: '│',
  corner: '└',
  floor: '─',
  now: '┬',
};
const plain: typeof fine = {
  past: '.',
  expected: 'o',
  band: ':',
  limit: '=',
  tick: '+',
  side: '|',
  corner: '+',
  floor: '-',
  now: '^',
};

/** A column is several hours: the highest of them. @returns lines of text, each ended */
export function drawForecast(
  { points, limit }: LoadForecast,
  { values }: History,
  { columns, isPlain }: { columns: number; isPlain: boolean },
): string {
  const pen = isPlain ? plain : fine;
  const width = Math.max(20, Math.min(96, columns - labelWidth - 3));
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
  const rowOf = (value: number) => Math.min(rows - 1, Math.max(0, Math.ceil((value / top) * rows - 1e-9) - 1));
  const lines = Array.from({ length: rows }, (_, index) => {
    const row = rows - 1 - index;
    const cells = Array.from({ length: width }, (_each, column) => {
      const is = (value: number | undefined) => value !== undefined && rowOf(value) === row;
      if (is(expected[column])) return pen.expected;
      if (is(was[column])) return pen.past;
      const [floor, ceiling] = [low[column], high[column]];
      if (floor !== undefined && ceiling !== undefined && row >= rowOf(floor) && row <= rowOf(ceiling)) return pen.band;
      return limit !== undefined && limit.limit <= top && rowOf(limit.limit) === row ? pen.limit : ' ';
    });
    const isMarked = index % (rows / 2) === 0;
    const label = isMarked ? shortRateText((top * (row + 1)) / rows).replace('/s', '') : '';
    return `${label.padStart(labelWidth)} ${isMarked ? pen.tick : pen.side}${cells.join('').trimEnd()}`;
  });
  const floor = Array.from({ length: width }, (_, column) => (column === now ? pen.now : pen.floor)).join('');
  return [
    ...lines,
    `${'0'.padStart(labelWidth)} ${pen.corner}${floor}`,
    `${' '.repeat(labelWidth + now)}forecast`,
    '',
  ].join('\n');
}
