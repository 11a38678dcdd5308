// Reads concurrency and throughput from a CSV file; errors name the line.

import type { ScalingStep } from '../../analyzer/verdict/fit/laws/fit-scaling.ts';
import { AppError } from '../../core/errors.ts';
import { groupedFigure, groupedHint } from '../../core/text/table-figures.ts';
import { twoColumns } from '../../core/text/two-columns.ts';
import { readUtf8 } from '../files/read-bounded.ts';

const columns = ['concurrency', 'throughput'] as const;

/** A load test has tens of points, so a larger file is something else. */
const mostBytes = 1024 * 1024;
const hints = {
  missing: `give a CSV file with the header ${columns.join(',')}`,
  large: 'points of a load test are a few lines',
};
/** The fit omits each concurrency in turn, which takes too long for more. */
const mostLevels = 300;

/** @throws AppError points-unreadable, not-found, no-permission */
export async function readPoints(path: string, { signal }: { signal: AbortSignal }): Promise<ScalingStep[]> {
  const text = await readUtf8(path, { signal }, { most: mostBytes, fault: 'points-unreadable', hints });
  return parsePoints(text, path);
}

/** Only digits, a point and an exponent: other input of Number(), such as 0x10, is not a measured figure. */
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** @param path for messages. @throws AppError points-unreadable, with the line of the first error */
export function parsePoints(text: string, path: string): ScalingStep[] {
  const fail = (line: number, reason: string) => new AppError('points-unreadable', `${path}, line ${line}: ${reason}`);
  const rows = [...twoColumns(text, columns, fail)];
  const points = rows.map(({ line, cells }): ScalingStep => {
    const [concurrency, throughput] = cells.map((cell, column) => {
      const value = decimal.test(cell) ? Number(cell) : Number.NaN;
      if (value >= 1e-15 && value <= 1e15) return value;
      throw fail(line, `${columns[column]} ${JSON.stringify(cell)} is not a number from 1e-15 to 1e15`);
    }) as [number, number];
    return { concurrency, throughput };
  });
  const ambiguous = groupedFigure(rows.map(({ cells: [, throughput] }) => throughput));
  if (ambiguous !== undefined)
    throw new AppError('points-unreadable', `${path}: ${ambiguous} may have a thousands separator`, {
      hint: groupedHint,
    });
  const levels = new Set(points.map(({ concurrency }) => concurrency)).size;
  if (levels <= mostLevels) return points;
  throw new AppError(
    'points-unreadable',
    `${path} has ${levels} different concurrencies; at most ${mostLevels} are read`,
  );
}
