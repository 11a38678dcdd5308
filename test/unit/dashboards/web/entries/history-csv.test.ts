import { expect, test } from 'vitest';
import { csvCell, historyCsv } from '../../../../../dashboards/web/entries/history-csv.ts';
import { readAnalysis } from '../../../../support/analyses.ts';

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('a cell %j is no formula', (text) => {
  expect(csvCell(text)).toMatch(/^"?'/);
});

test('quotes, commas and line ends stay within their cell', () => {
  expect(csvCell('a,"b"\nc')).toBe('"a,""b""\nc"');
  expect(csvCell('plain')).toBe('plain');
  expect(csvCell(undefined)).toBe('');
});

test('a verdict is a line with its safe maximum; what is not known is an empty cell', () => {
  const csv = historyCsv([
    {
      id: 7,
      at: '2026-11-10T12:00:00.000Z',
      by: { name: '=anna', through: 'cli' },
      kind: 'test',
      cluster: 'orders',
      document: readAnalysis('load-test'),
    },
  ]);
  const [header, line, end] = csv.split('\r\n');
  expect(header).toBe('\uFEFFid,at,kind,cluster,domain,author,through,safe_max_tps,why,evidence');
  expect(line).toMatch(/^7,2026-11-10T12:00:00\.000Z,test,orders,,'=anna,cli,\d+(\.\d+)?,,$/);
  expect(end).toBe('');
});
