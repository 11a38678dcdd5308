import { expect, test } from 'vitest';
import { parseCurve } from '../../../../../loadgen/plan/workload/rate-curve.ts';

test('CSV: columns by name, times in seconds or ISO 8601, other columns ignored', () => {
  expect(parseCurve('a.csv', 'host,rate,time\na,10,0\na,2.5e1,60\n\n')).toEqual([
    { time: 0, rate: 10 },
    { time: 60, rate: 25 },
  ]);
  const dated = parseCurve('a.csv', '\uFEFF"time","rate"\r\n2026-01-01T00:00:00Z,1\r\n"2026-01-01T00:01:00Z","2"\r\n');
  expect(dated[1]!.time - dated[0]!.time).toBe(60);
});

test('CSV: milliseconds since the epoch are no seconds, and thousands separators are refused', () => {
  const [first, second] = parseCurve('a.csv', 'time,rate\n1767574800000,10\n1767574860000,20\n');
  expect(second!.time - first!.time).toBe(60);
  expect(() => parseCurve('a.csv', 'time,rate\n0,997\n60,1.002\n')).toThrow('a.csv: "1.002" may have a thousands');
});

const matrix = (...series: [number, string][][]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result: series.map((values) => ({ metric: {}, values })) },
  });

test('Prometheus: series are summed, and a time missing in one of them is left out', () => {
  const text = matrix(
    [
      [60, '1'],
      [0, '10'],
      [120, '5'],
    ],
    [
      [0, '1.5'],
      [60, 'NaN'],
      [120, '5'],
    ],
  );
  expect(parseCurve('p.json', text)).toEqual([
    { time: 0, rate: 11.5 },
    { time: 120, rate: 10 },
  ]);
});

const orders = { topic: 'orders', partition: '0', cluster: 'prod', instance: 'a:18761', job: 'plimsoll' };
const rates = (...metrics: Record<string, string>[]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result: metrics.map((metric) => ({ metric, values: [[0, '5']] })) },
  });

test('Prometheus: partitions reported by one instance are summed', () => {
  expect(parseCurve('day.json', rates(orders, { ...orders, partition: '1' }))).toEqual([{ time: 0, rate: 10 }]);
});

test.each([
  ['instance', { instance: 'b:18761' }],
  ['job', { job: 'kafka-exporter' }],
  ['cluster', { cluster: 'staging' }],
  ['instance, job', { instance: 'kafka-exporter:9308', job: 'kafka-exporter' }],
])(
  'Prometheus: series that differ only in %s are refused, because their sum may be twice the load',
  (labels, other) => {
    const second = { ...orders, partition: '1' };
    const text = rates(orders, second, { ...second, ...other }, { ...orders, ...other });
    expect(() => parseCurve('day.json', text)).toThrow(`day.json: two series differ only in ${labels}, so`);
  },
);

test.each([
  ['time;rate\n0;1\n', /first line names the columns/],
  ['time,rate\n0,1\nsoon,2\n', /line 3: "soon" is no time/],
  ['time,rate\n0,\n', /line 2: "" is no rate/],
  ['time,rate\n0,-3\n', /line 2: "-3" is no rate/],
  ['{"status":"error"}', /neither an answer of \/api\/v1\/query_range/],
  ['{"status":', /begins like JSON/],
  [matrix([[0, '-1']]), /below 0/],
])('%j is refused with the reason', (text, words) => {
  expect(() => parseCurve('curve', text)).toThrow(words);
  expect(() => parseCurve('curve', text)).toThrow(/^curve: /);
});
