import { expect, test } from 'vitest';
import { csvCell } from '../../../../core/text/csv-cell.ts';

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1', '＋1', '－1', '＠SUM(A1)', '\u00a0=1', '\tx', '\rx', '\nx'])(
  'a cell %j is not read as a formula',
  (text) => {
    expect(csvCell(text)).toMatch(/^"?'/);
  },
);

test('quotes, commas and line breaks stay within their cell', () => {
  expect(csvCell('a,"b"\nc')).toBe('"a,""b""\nc"');
  expect(csvCell('plain')).toBe('plain');
  expect(csvCell(undefined)).toBe('');
});
