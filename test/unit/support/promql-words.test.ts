import { expect, test } from 'vitest';
import { groupingLabelsIn, selectorsIn } from '../../support/promql-words.ts';

test('returns each series with its matched labels, enclosing function and window', () => {
  expect(
    selectorsIn('1 - sum by (a) (rate(x_total{a=~"$a", b!="c{d}"}[5m])) / on (a) group_left () y > bool 3'),
  ).toEqual([
    { metric: 'x_total', labels: ['a', 'b'], within: 'rate', range: '5m' },
    { metric: 'y', labels: [] },
  ]);
});

test('keywords of the language are not mistaken for series', () => {
  const expression = 'a and on (b) c unless d offset 10m or vector(0) == time() - min_over_time(e[1h:1m])';
  expect(selectorsIn(expression).map(({ metric }) => metric)).toEqual(['a', 'c', 'd', 'e']);
});

test('returns the labels of grouping and joins', () => {
  expect(groupingLabelsIn('sum by (a, b) (x) * on (c) group_left (d) max without (e) (y{f="by (g)"})')).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
  ]);
});
