import { expect, test } from 'vitest';
import { columnsOf, renderTable, tableLines, wrap } from '../../../../core/text/table.ts';

test('columns have the width of their widest cell, figures are right-aligned, and unknown values are a dash', () => {
  const table = renderTable(
    [{ heading: 'TOPIC' }, { heading: 'LAG', isFigure: true }],
    [
      ['orders', '7'],
      ['payments-by-card', undefined],
    ],
  );
  expect(table).toBe('TOPIC             LAG\norders              7\npayments-by-card    -\n');
});

test('Chinese characters are two columns wide', () => {
  expect(tableLines(columnsOf(['资源', '>现在', 'x']), [['disk', '7', 'ok']])).toEqual([
    '资源  现在  x',
    'disk     7  ok',
  ]);
});

test('terminal control characters in names are replaced', () => {
  expect(renderTable([{ heading: 'CLIENT' }], [['a\u001b[2Jb\u009bc']])).toBe('CLIENT\na·[2Jb·c\n');
});

test('a text direction override in a name, which would reverse the figures beside it, is replaced', () => {
  expect(tableLines(columnsOf(['GROUP', '>LAG']), [['a\u202eb', '65']])).toEqual(['GROUP  LAG', 'a·b     65']);
});

test('a very long name has a separate line, and the figures of all rows stay aligned', () => {
  const longest = 'x'.repeat(249);
  expect(
    tableLines(columnsOf(['TOPIC', '>PARTITIONS']), [
      [longest, '2'],
      ['orders', '4'],
    ]),
  ).toEqual(['TOPIC   PARTITIONS', `${longest}\n                 2`, 'orders           4']);
});

test('a heading that starts with > marks a column of figures', () => {
  expect(tableLines(columnsOf(['JVM', '>pauses']), [['a', '12']])).toEqual(['JVM  pauses', 'a        12']);
});

test('lines wrap at the width, keep spaces between words, and continue indented', () => {
  expect(wrap('Verdict  the heap is too small', 20, 9)).toEqual(['Verdict  the heap is', '         too small']);
  expect(wrap('  disk: unknown', 10, 4)).toEqual(['  disk:', '    unknown']);
});
