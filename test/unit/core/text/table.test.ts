import { expect, test } from 'vitest';
import { columnsOf, renderTable, tableLines, wrap } from '../../../../core/text/table.ts';

test('columns are as wide as their widest cell, figures at the right, and what is unknown is a dash', () => {
  const table = renderTable(
    [{ heading: 'TOPIC' }, { heading: 'LAG', isFigure: true }],
    [
      ['orders', '7'],
      ['payments-by-card', undefined],
    ],
  );
  expect(table).toBe('TOPIC             LAG\norders              7\npayments-by-card    -\n');
});

test('Chinese characters take two columns each', () => {
  expect(tableLines(columnsOf(['资源', '>现在', 'x']), [['disk', '7', 'ok']])).toEqual([
    '资源  现在  x',
    'disk     7  ok',
  ]);
});

test('names that would speak to the terminal do not reach it', () => {
  expect(renderTable([{ heading: 'CLIENT' }], [['a\u001b[2Jb\u009bc']])).toBe('CLIENT\na·[2Jb·c\n');
});

test('an override of the text direction, which would reverse the figures beside a name, does not reach the terminal', () => {
  expect(tableLines(columnsOf(['GROUP', '>LAG']), [['a\u202eb', '65']])).toEqual(['GROUP  LAG', 'a·b     65']);
});

test('the longest name that Kafka allows has a separate line, and the figures of every row stay beside the other names', () => {
  const longest = 'x'.repeat(249);
  expect(
    tableLines(columnsOf(['TOPIC', '>PARTITIONS']), [
      [longest, '2'],
      ['orders', '4'],
    ]),
  ).toEqual(['TOPIC   PARTITIONS', `${longest}\n                 2`, 'orders           4']);
});

test('a heading that starts with > is one of figures', () => {
  expect(tableLines(columnsOf(['JVM', '>pauses']), [['a', '12']])).toEqual(['JVM  pauses', 'a        12']);
});

test('lines break at the width, keep the spaces between words, and continue indented', () => {
  expect(wrap('Verdict  the heap is too small', 20, 9)).toEqual(['Verdict  the heap is', '         too small']);
  expect(wrap('  disk: unknown', 10, 4)).toEqual(['  disk:', '    unknown']);
});
