// Recognises figures of a table that could be misread: thousands separators, and units of times since the epoch.

/** `1.234`, `1,234.5`, `1 234`: has thousands separators, unless the first is a number with three decimals. */
const grouped = /^[+-]?[1-9]\d{0,2}(?:[.,' \u00A0\u202F]\d{3})+(?:[.,]\d+)?$/;

const threeDecimals = /^[+-]?\d+\.\d{3}$/;

/**
 * A separator before three digits is a decimal point only if other figures of the column prove it, such as `12.5`, or
 * if each of them has it in a table with commas between its columns, where no spreadsheet writes points in thousands.
 *
 * @param between separates the columns
 * @returns the first figure of the column that may have thousands separators
 */
export function groupedFigure(cells: readonly string[], between = ','): string | undefined {
  if (between === ',' && cells.every((cell) => cell === '' || threeDecimals.test(cell))) return undefined;
  const points = new Set(cells.map((cell) => (grouped.test(cell) ? undefined : /^[+-]?\d*([.,])\d+$/.exec(cell)?.[1])));
  return cells.find((cell) => grouped.test(cell) && !points.has(/^[+-]?\d+([.,])\d+$/.exec(cell)?.[1] ?? cell));
}

export const groupedHint =
  'write 12345 or 12345.6, without thousands separators; if the separator is a decimal point, write four decimals: 1.0020';

/** @param value seconds, milliseconds, microseconds or nanoseconds since the epoch, recognised by its size */
export function epochSeconds(value: number): number {
  if (value >= 1e17) return value / 1e9;
  if (value >= 1e14) return value / 1e6;
  return value >= 1e11 ? value / 1e3 : value;
}
