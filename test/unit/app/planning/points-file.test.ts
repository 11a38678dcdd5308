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
    'points.csv, line 1: expected the header "concurrency,throughput", but found "th',
  ],
  ['columns the other way round', 'throughput,concurrency\n1,2', 'line 1: expected the header'],
  ['a third column', `${header},latency\n1,2,3`, 'line 1: expected the header'],
  ['no header', '1,955.16\n2,1878.91', 'line 1: expected the header'],
  ['an empty file', '', 'line 1: expected the header'],
  ['semicolons in the header', 'concurrency;throughput\n1;2', 'line 1: expected the header "concurrency,throughput"'],
  ['semicolons', `${header}\n1,2\n2;3`, 'line 3: throughput is missing'],
  ['a decimal comma', `${header}\n1,955,16`, 'line 2: a row has two columns: use a decimal point'],
  ['a thousands separator', `${header}\n1,"1,878"`, 'line 2: a row has two columns'],
  ['thousands as the Swiss write them', `${header}\n1,1'878`, 'line 2: throughput "1\'878" is not a number'],
  ['thousands as the Germans write them', `${header}\n1,955\n2,1.878`, '1.878 may have a thousands separator'],
  ['a missing value', `${header}\n1`, 'line 2: throughput is missing'],
  ['an empty value', `${header}\n,3`, 'line 2: concurrency "" is not a number'],
  ['no number', `${header}\n1,2\n\n2,NaN`, 'line 4: throughput "NaN" is not a number'],
  ['a hexadecimal number', `${header}\n0x10,2`, 'line 2: concurrency "0x10" is not a number'],
  ['a unit', `${header}\n1,955/s`, 'line 2: throughput "955/s" is not a number'],
  ['a negative number', `${header}\n-1,2`, 'line 2: concurrency "-1" is not a number from 1e-15'],
  ['nothing', `${header}\n1,0`, 'line 2: throughput "0" is not a number from 1e-15'],
  ['more than any machine does', `${header}\n1,1e300`, 'line 2: throughput "1e300" is not a number'],
])('rejects %s with the line', (_, text, message) =>
  expect(() => parsePoints(text, 'points.csv')).toThrow(
    expect.objectContaining({ code: 'points-unreadable', message: expect.stringContaining(message) }),
  ),
);

test('rejects more concurrencies than the cross-validation of a fit can leave out in turn', () => {
  const rows = Array.from({ length: 301 }, (_, index) => `${index + 1},${index + 1}`);
  expect(() => parsePoints([header, ...rows].join('\n'), 'points.csv')).toThrow(/301 different concurrencies/);
});
