import { expect, test } from 'vitest';
import { parsePoints } from '../../../../app/planning/points-file.ts';

const header = 'concurrency,throughput';
const points = [
  { concurrency: 1, throughput: 955.16 },
  { concurrency: 2, throughput: 1878.91 },
];

test.each([
  ['lines that end as on Unix', `${header}\n1,955.16\n2,1878.91\n`],
  ['lines that end as on Windows', `${header}\r\n1,955.16\r\n2,1878.91\r\n`],
  ['empty lines and spaces', ` Concurrency , throughput \n\n 1 , 955.16 \n2,1.87891e3\n\n`],
])('reads %s', (_, text) => expect(parsePoints(text, 'points.csv')).toEqual(points));

test.each([
  [
    'another header',
    'threads,tps\n1,2',
    'points.csv, line 1, column 1: expected the header concurrency,throughput, but found "threads,tps"',
  ],
  ['columns the other way round', 'throughput,concurrency\n1,2', 'line 1, column 1'],
  ['a third column', `${header},latency\n1,2,3`, 'line 1, column 3'],
  ['no header', '1,955.16\n2,1878.91', 'line 1, column 1: expected the header'],
  ['an empty file', '', 'line 1, column 1: expected the header'],
  ['semicolons in the header', 'concurrency;throughput\n1;2', 'line 1, column 1: columns are separated by commas'],
  ['semicolons', `${header}\n1,2\n2;3`, 'line 3, column 1: columns are separated by commas'],
  [
    'a decimal comma',
    `${header}\n1,955,16`,
    'line 2, column 3: a row has two columns, this one has 3: decimals take a point',
  ],
  ['a thousands separator', `${header}\n1,"1,878"`, 'line 2, column 3'],
  ['thousands as the Swiss write them', `${header}\n1,1'878`, 'line 2, column 2: throughput "1\'878" is not a number'],
  ['a missing value', `${header}\n1`, 'line 2, column 2: throughput is missing'],
  ['an empty value', `${header}\n,3`, 'line 2, column 1: concurrency "" is empty'],
  ['no number', `${header}\n1,2\n\n2,NaN`, 'line 4, column 2: throughput "NaN" is not a number'],
  ['a hexadecimal number', `${header}\n0x10,2`, 'line 2, column 1: concurrency "0x10" is not a number'],
  ['a unit', `${header}\n1,955/s`, 'line 2, column 2'],
  ['a negative number', `${header}\n-1,2`, 'line 2, column 1: concurrency "-1" has to be above 0'],
  ['nothing', `${header}\n1,0`, 'line 2, column 2: throughput "0" has to be above 0'],
  ['more than any machine does', `${header}\n1,1e300`, 'line 2, column 2: throughput "1e300" is too large'],
])('rejects %s with line and column', (_, text, message) =>
  expect(() => parsePoints(text, 'points.csv')).toThrow(
    expect.objectContaining({ code: 'points-unreadable', message: expect.stringContaining(message) }),
  ),
);

test('rejects more concurrencies than the cross-validation of a fit can leave out in turn', () => {
  const rows = Array.from({ length: 301 }, (_, index) => `${index + 1},${index + 1}`);
  expect(() => parsePoints([header, ...rows].join('\n'), 'points.csv')).toThrow(/301 different concurrencies/);
});
