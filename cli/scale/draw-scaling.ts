// Draws throughput against concurrency in a terminal: the law as a line, the steps as marks.

import type { ScalingStep } from '../../analyzer/verdict/fit/laws/fit-scaling.ts';
import { throughputAt, type ScalingLaw } from '../../analyzer/verdict/fit/laws/scaling-law.ts';
import { shortRateText } from '../../core/text/quantity-text.ts';
import { chartColumns, framed, labelWidth, rowOf } from '../chart.ts';

const rows = 10;

const fine = { law: '·', step: '●' };
const plain: typeof fine = { law: '.', step: 'o' };

interface Drawing {
  law: ScalingLaw;
  steps: readonly ScalingStep[];
  /** The axis ends here: a little past the last step, or past a peak that is near. */
  until: number;
  columns: number;
  isPlain: boolean;
}

/** @returns lines of text, each ended */
export function drawScaling({ law, steps, until, columns, isPlain }: Drawing): string {
  const pen = isPlain ? plain : fine;
  const width = chartColumns(columns, 72);
  const at = Array.from({ length: width }, (_, column) => throughputAt(law, ((column + 0.5) / width) * until));
  const highest = Math.max(...at, ...steps.map(({ throughput }) => throughput));
  const grid = Array.from({ length: rows }, () => Array.from({ length: width }, () => ' '));
  const put = (column: number, throughput: number, mark: string) => {
    const line = grid[rows - 1 - rowOf(throughput, highest, rows)];
    if (line !== undefined) line[Math.min(width - 1, Math.max(0, column))] = mark;
  };
  for (const [column, throughput] of at.entries()) put(column, throughput, pen.law);
  for (const { concurrency, throughput } of steps) put(Math.floor((concurrency / until) * width), throughput, pen.step);
  const end = String(Number(until.toPrecision(3)));
  return [
    ...framed({ lines: grid, highest, label: shortRateText, isPlain }),
    `${' '.repeat(labelWidth + 2)}0${'concurrency'.padStart(Math.floor(width / 2) + 4)}${end.padStart(width - Math.floor(width / 2) - 5)}`,
    '',
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}
