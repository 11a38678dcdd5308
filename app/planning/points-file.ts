// Reads concurrency and throughput from a CSV file; errors name line and column.

import type { ScalingStep } from '../../analyzer/verdict/fit/laws/fit-scaling.ts';
import { AppError } from '../../core/errors.ts';
import { readUtf8 } from '../files/read-bounded.ts';

const columns = ['concurrency', 'throughput'] as const;
const header = columns.join(',');

/** A load test has tens of points, so a larger file is something else. */
const mostBytes = 1024 * 1024;
const hints = {
  missing: `give a CSV file with the header ${header}`,
  large: 'points of a load test are a few lines',
};
/** The fit omits each concurrency in turn, which takes too long for more. */
const mostLevels = 300;

/** @throws AppError points-unreadable, not-found, no-permission */
export async function readPoints(path: string, { signal }: { signal: AbortSignal }): Promise<ScalingStep[]> {
  const text = await readUtf8(path, { signal }, { most: mostBytes, fault: 'points-unreadable', hints });
  return parsePoints(text, path);
}

/** @param path for messages. @throws AppError points-unreadable, with line and column of the first error */
export function parsePoints(text: string, path: string): ScalingStep[] {
  const [first = '', ...rest] = text.split(/\r\n|\n|\r/);
  const fail = (line: number, column: number, reason: string) =>
    new AppError('points-unreadable', `${path}, line ${line}, column ${column}: ${reason}`);
  checkHeader(first, fail);
  const points = rest.flatMap((row, index): ScalingStep[] => {
    const line = index + 2;
    if (row.trim() === '') return [];
    if (row.includes(';')) throw fail(line, 1, 'columns are separated by commas, not semicolons');
    const cells = row.split(',');
    if (cells.length !== columns.length) {
      const reason =
        cells.length < columns.length
          ? `${columns[cells.length] ?? ''} is missing`
          : `a row has two columns, this one has ${cells.length}: decimals take a point, and thousands no separator`;
      throw fail(line, Math.min(cells.length + 1, columns.length + 1), reason);
    }
    const [concurrency, throughput] = cells.map((cell, column) => {
      const problem = problemOf(cell);
      if (problem !== undefined)
        throw fail(line, column + 1, `${columns[column]} ${JSON.stringify(cell.trim())} ${problem}`);
      return Number(cell);
    });
    return [{ concurrency: concurrency as number, throughput: throughput as number }];
  });
  const levels = new Set(points.map(({ concurrency }) => concurrency)).size;
  if (levels <= mostLevels) return points;
  throw fail(rest.length + 1, 1, `the file has ${levels} different concurrencies; at most ${mostLevels} are read`);
}

type Fail = (line: number, column: number, reason: string) => AppError;

function checkHeader(row: string, fail: Fail): void {
  const names = row.split(',').map((name) => name.trim().toLowerCase());
  if (row.includes(';'))
    throw fail(1, 1, `columns are separated by commas, not semicolons: expected the header ${header}`);
  const wrong = columns.findIndex((column, index) => names[index] !== column);
  if (wrong >= 0 || names.length > columns.length) {
    const at = wrong >= 0 ? wrong : columns.length;
    throw fail(1, at + 1, `expected the header ${header}, but found ${JSON.stringify(row.trim().slice(0, 80))}`);
  }
}

/** Only digits, a point and an exponent: other input of Number(), such as 0x10, is not a measured figure. */
const decimal = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;

function problemOf(cell: string): string | undefined {
  if (cell.trim() === '') return 'is empty';
  if (!decimal.test(cell)) return 'is not a number';
  const value = Number(cell);
  if (!Number.isFinite(value) || value > 1e15) return 'is too large';
  return value >= 1e-15 ? undefined : 'has to be above 0';
}
