// Parses readings from a CSV file with columns time and value; errors name the line.

import { AppError } from '../../core/errors.ts';
import { zonedMs } from '../../core/local-moment.ts';
import { groupedFigure, groupedHint } from '../../core/text/table-figures.ts';
import { twoColumns } from '../../core/text/two-columns.ts';
import type { Reading } from './history.ts';

/** Two years of one reading a minute are a million lines. */
const mostRows = 1_100_000;

const decimal = /^\+?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Header `time,value`. Time is ISO 8601 with a zone, or seconds (10 digits) or milliseconds (13 digits) since the epoch. An empty
 * value is a gap.
 *
 * @param path for messages. @throws AppError history-unreadable with the line of the first error
 */
export function parseHistory(text: string, path: string): Reading[] {
  const fail = (line: number, message: string) =>
    new AppError('history-unreadable', `${path}, line ${line}: ${message}`);
  const readings: Reading[] = [];
  const values: string[] = [];
  for (const { line, cells } of twoColumns(text, ['time', 'value'], fail)) {
    const [time, value] = cells;
    if (line > mostRows) throw fail(line, `the file has more than the ${mostRows} lines that are read`);
    const timeMs = timeOf(time);
    if (timeMs === undefined) {
      throw fail(
        line,
        `time ${JSON.stringify(time.slice(0, 40))} is not a time: write 2026-06-18T20:00:00+08:00, or seconds since the epoch`,
      );
    }
    if (value === '') continue;
    if (!decimal.test(value) || !(Number(value) < 1e18)) {
      throw fail(line, `value ${JSON.stringify(value.slice(0, 40))} is not a number of 0 or more`);
    }
    readings.push({ timeMs, value: Number(value) });
    values.push(value);
  }
  const ambiguous = groupedFigure(values);
  if (ambiguous !== undefined) {
    const what = `${path}: value ${JSON.stringify(ambiguous)} may have a thousands separator`;
    throw new AppError('history-unreadable', what, { hint: groupedHint });
  }
  return readings;
}

function timeOf(text: string): number | undefined {
  if (/^\d{10}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const timeMs = zonedMs(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
