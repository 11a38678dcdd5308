// Reads CSV with two columns, separated by a comma; errors name the line.

import type { AppError } from '../errors.ts';

export type FailAtLine = (line: number, reason: string) => AppError;

/** @yields line number and trimmed cells of each row that is not blank. @throws the error that `fail` makes */
export function* twoColumns(text: string, columns: readonly [string, string], fail: FailAtLine) {
  const header = columns.join(',');
  const rows = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, row] of rows.entries()) {
    const cells = row.split(',').map((cell) => cell.trim());
    if (index === 0 && cells.join(',').toLowerCase() !== header)
      throw fail(1, `expected the header "${header}", but found ${JSON.stringify(row.trim().slice(0, 80))}`);
    if (index === 0 || row.trim() === '') continue;
    const [first = '', second] = cells;
    if (second === undefined) throw fail(index + 1, `${columns[1]} is missing`);
    if (cells.length > 2)
      throw fail(index + 1, 'a row has two columns: use a decimal point, and no thousands separator');
    yield { line: index + 1, cells: [first, second] as const };
  }
}
