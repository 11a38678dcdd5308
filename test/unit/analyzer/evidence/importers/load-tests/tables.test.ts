import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import {
  importColumns,
  readColumnNames,
} from '../../../../../../analyzer/evidence/importers/load-tests/columns-csv.ts';
import { recogniseFile } from '../../../../../../analyzer/evidence/importers/joined/recognised-file.ts';
import { hlog } from '../../../../../../analyzer/evidence/importers/load-tests/hlog.ts';
import type { ImportedLoad } from '../../../../../../analyzer/evidence/importers/load-tests/load-test-importer.ts';
import { findingOf } from '../../../../../../core/documents/findings/findings.ts';
import { AppError } from '../../../../../../core/errors.ts';

const table = (text: string, columns = 'time=time,rate=rate') => {
  const [load] = importColumns({ name: 't.csv', text }, readColumnNames(columns));
  return load as ImportedLoad;
};

test.each([
  ['seconds since the epoch', '1700000000', '1700000010', { kind: 'instant', epochMs: 1_699_999_990_000 }],
  ['milliseconds since the epoch', '1700000000000', '1700000010000', { kind: 'instant', epochMs: 1_699_999_990_000 }],
  [
    'microseconds since the epoch',
    '1700000000000000',
    '1700000010000000',
    { kind: 'instant', epochMs: 1_699_999_990_000 },
  ],
  [
    'nanoseconds since the epoch',
    '1700000000000000000',
    '1700000010000000000',
    { kind: 'instant', epochMs: 1_699_999_990_000 },
  ],
  ['ISO 8601', '2023-11-14T22:13:20Z', '2023-11-14T22:13:30Z', { kind: 'instant', epochMs: 1_699_999_990_000 }],
  [
    'ISO 8601 with a zone offset',
    '2023-11-15T06:13:20+08:00',
    '2023-11-15T06:13:30+08:00',
    { kind: 'instant', epochMs: 1_699_999_990_000 },
  ],
  ['wall clock', '2023-11-14 22:13:20', '2023-11-14 22:13:30', { kind: 'local', wallMs: 1_699_999_990_000 }],
  ['seconds since the start', '10', '20', { kind: 'unknown' }],
])('reads the time as %s', (_, first, second, begins) => {
  const load = table(`time,rate\n${first},100\n${second},200\n`);
  expect(load.begins).toEqual(begins);
  expect(load.produced.map(({ from, to, messages }) => [from, to, messages])).toEqual([
    [0, 10, 1000],
    [10, 20, 2000],
  ]);
});

test('reads semicolons with decimal commas, tabs, quotes and carriage returns', () => {
  expect(table('time;rate\r\n0;100,5\r\n10;100,5\r\n').produced[0]?.messages).toBe(1005);
  expect(table('"time"\t"rate"\n0\t100\n10\t100\n').produced).toHaveLength(2);
});

test.each([
  ['of a German spreadsheet', 'time;rate\n0;997\n10;1.002\n20;12.500\n'],
  ['of an English spreadsheet', 'time,rate\n0,997\n10,"1,002"\n20,"12,500"\n'],
  ['with a decimal point', 'time,rate\n0,99.5\n10,"1,002.5"\n20,"12,500.5"\n'],
  ['of millions', 'time;rate\n0;1.002.500\n10;1.002.500\n'],
])('refuses thousands separators %s', (_, text) => {
  expect(() => table(text)).toThrow(/"1[.,]002.*of column "rate" may have thousands separators/);
});

test('three decimals are no thousands if another figure has a decimal point', () => {
  expect(table('time,rate\n0,12.345\n10,12.5\n').produced.map(({ messages }) => messages)).toEqual([123.45, 125]);
});

test('three decimals in each figure are no thousands between commas, as awk prints %.3f', () => {
  expect(table('time,rate\n0,123.456\n10,99.000\n').produced.map(({ messages }) => messages)).toEqual([1234.56, 990]);
  expect(() => table('time;rate\n0;123.456\n10;99.000\n')).toThrow('may have thousands separators');
});

test('finds Chinese column names in a table in GBK', () => {
  // 时间,速率
  const heading = Buffer.from('cab1bce42ccbd9c2ca0a', 'hex');
  const bytes = Buffer.concat([heading, Buffer.from('0,100\n10,200\n')]);
  const file = recogniseFile({ name: 't.csv', bytes }, { time: '时间', rate: '速率' });
  expect(file).toMatchObject({ kind: 'load', loads: [{ produced: [{ messages: 1000 }, { messages: 2000 }] }] });
});

test.each(['rate/host', 'msg/s per host', 'kafka_rate', '1分钟速率(条/秒)'])('reads rates of column %s', (name) => {
  expect(table(`time,${name}\n0,100\n10,100\n`, `time=time,rate=${name}`).produced).toHaveLength(2);
});

test.each(['msg/h', 'msgs/hour', 'msg/hr', 'msg/min', 'rate (k)', '条/分钟', '每小时消息数', '万条/秒'])(
  'refuses rates of column %s',
  (name) => {
    expect(() => table(`time,${name}\n0,100\n10,100\n`, `time=time,rate=${name}`)).toThrow(
      'not in messages per second',
    );
  },
);

test('a ramp with its planned rates is no counter, and a column without a name is the row number', () => {
  const rows = Array.from({ length: 40 }, (_, row) => `${row},${10 * row},${100 + row},${100 + row}`).join('\n');
  const ramp = table(`,time,rate,target\n${rows}\n`, 'time=time,rate=rate,offered=target');
  expect(ramp.produced.at(-1)).toMatchObject({ messages: 1390, failed: 0 });
  const steady = rows.replace(/(\d+),\d+$/gm, '100,100');
  expect(table(`,time,rate,target\n${steady}\n`).consumed).toEqual(new Map());
});

test('refuses a counter, and times that are not in seconds', () => {
  const rows = (cells: (row: number) => string, header = 'time,rate') =>
    `${header}\n${Array.from({ length: 40 }, (_, row) => cells(row)).join('\n')}\n`;
  expect(() => table(rows((row) => `${row},${1000 * row}`))).toThrow(/"rate" rises in every row, as a counter does/);
  expect(
    table(
      rows((row) => `${row},100,${100 + row}`, 'time,rate,target'),
      'time=time,rate=rate,offered=target',
    ),
  ).toMatchObject({ offeredRates: { length: 40 } });
  const serial = (row: number) => `${46_191.5 + row / 86_400},100`;
  expect(() => table(rows(serial))).toThrow(/0\.000012 s apart, too close for a rate/);
  expect(() =>
    table(
      rows((row) => `${1000 * row},100`, 't_ms,rate'),
      'time=t_ms,rate=rate',
    ),
  ).toThrow(/column "t_ms" is not in seconds/);
});

test('reads consumed and failed messages from the named columns', () => {
  const load = table('t,p,c,f\n0,100,90,1\n10,100,80,0\n', 'time=t,rate=p,consumed=c,failed=f');
  expect([...load.consumed.values()].flat().map(({ messages }) => messages)).toEqual([900, 800]);
  expect(load.produced.map(({ failed }) => failed)).toEqual([10, 0]);
});

test('a row after missing rows covers the usual distance, and the gap is reported', () => {
  const load = table('time,rate\n0,100\n10,100\n20,NaN\n30,NaN\n40,200\n50,200\n');
  expect(load.produced.map(({ from, to, messages }) => [from, to, messages])).toEqual([
    [0, 10, 1000],
    [10, 20, 1000],
    [40, 50, 2000],
    [50, 60, 2000],
  ]);
  expect(load.doubts.map(({ what }) => what).join()).toContain('usually 10 s apart and are missing for 20 s');
});

test('missing rows after the first row do not lengthen the first window', () => {
  const load = table('time,rate\n0,100\n600,100\n610,100\n620,100\n');
  expect(load.produced.map(({ from, to }) => [from, to])).toEqual([
    [0, 10],
    [600, 610],
    [610, 620],
    [620, 630],
  ]);
});

test('times rounded to whole seconds are not taken for missing rows', () => {
  const load = table('time,rate\n0,100\n1,100\n3,100\n4,100\n');
  expect(load.produced.map(({ from, to }) => to - from)).toEqual([1, 1, 2, 1]);
  expect(load.doubts.map(({ flag }) => flag)).not.toContain('truncated');
});

test('a row with a negative rate is dropped together with its failures and its target rate', () => {
  const load = table('t,p,o,f\n0,100,100,0\n10,-1,200,0\n20,100,300,5\n', 'time=t,rate=p,offered=o,failed=f');
  expect(load.produced.map(({ failed }) => failed)).toEqual([0, 100]);
  expect(load.offeredRates).toEqual([100, 300]);
  expect(load.doubts.map(({ what }) => what).join()).toContain('1 of its rows');
});

test.each(['rate=x', 'time=a', 'time=a,rate=b,rate=c', 'time=a,speed=b', 'time=,rate=b'])(
  'rejects --columns %s',
  (text) => {
    expect(() => readColumnNames(text)).toThrow(AppError);
  },
);

const encoded = (values: readonly number[]) => {
  const histogram = build();
  for (const value of values) histogram.recordValue(value);
  return encodeIntoCompressedBase64(histogram);
};
const log = (...lines: string[]) => {
  const [load] = hlog.import({ name: 'h.hlog', text: `#[Histogram log format version 1.3]\n${lines.join('\n')}\n` });
  return load as ImportedLoad;
};
const base = '#[BaseTime: 1700000000.000 (seconds since epoch)]';

test('intervals of a histogram log become windows with their recorded number of messages', () => {
  const load = log(
    base,
    `0.000,1.000,2.000,${encoded([1000, 2000])}`,
    `1.000,1.000,3.000,${encoded([3000, 1000, 1000])}`,
  );
  expect(load.begins).toEqual({ kind: 'instant', epochMs: 1_700_000_000_000 });
  expect(load.produced.map(({ messages }) => messages)).toEqual([2, 3]);
  expect(load.latencySeconds?.max).toBeCloseTo(0.003, 5);
});

test('the maximum of an interval determines whether its histogram is in ns, µs or ms', () => {
  for (const [values, unit] of [
    [2_000_000, 1e9],
    [2000, 1e6],
    [2, 1e3],
  ] as const) {
    const load = log(base, `0.000,1.000,2.000,${encoded([values])}`);
    expect(load.latencySeconds?.max).toBeCloseTo(values / unit, 4);
  }
});

test('microseconds with a maximum divided by 1,000,000 (HdrHistogram default) are not read as nanoseconds', () => {
  const load = log(base, `0.000,1.000,0.020,${encoded([2000, 5000, 20_000])}`);
  expect(load.produced).toEqual([{ from: 0, to: 1, messages: 3 }]);
  expect(load).not.toHaveProperty('latencySeconds');
  expect(load.doubts.map(({ what }) => what).join()).toContain('their unit is unclear');
  const slow = log(base, `0.000,1.000,0.080,${encoded([20_000, 60_000, 80_000])}`);
  expect(slow).not.toHaveProperty('latencySeconds');
  const nanoseconds = log(base, `0.000,1.000,20.000,${encoded([2_000_000, 20_000_000])}`);
  expect(nanoseconds.latencySeconds?.max).toBeCloseTo(0.02, 4);
  const clamped = log(
    base,
    `Tag=w.intended-to-acknowledged,0.000,1.000,20.000,${encoded([2_000_000, 20_000_000])}`,
    `Tag=w.intended-to-consumed,0.000,1.000,20.000,${encoded([0, 3_000_000, 20_000_000])}`,
  );
  expect(clamped.latencySeconds?.max).toBeCloseTo(0.02, 4);
});

test('tags distinguish sent from received messages, and other tags are ignored', () => {
  const one = encoded([1000]);
  const two = encoded([1000, 1000]);
  const load = log(
    base,
    `Tag=w1.intended-to-acknowledged,0.000,1.000,1.000,${two}`,
    `Tag=w1.orders.intended-to-acknowledged,0.000,1.000,1.000,${one}`,
    `Tag=w1.intended-to-sent,0.000,1.000,1.000,${two}`,
    `Tag=w1.sent-to-acknowledged,0.000,1.000,1.000,${two}`,
    `Tag=w1.intended-to-consumed,0.000,1.000,1.000,${one}`,
  );
  expect(load.produced.map(({ messages }) => messages)).toEqual([2]);
  expect([...load.consumed.values()].flat().map(({ messages }) => messages)).toEqual([1]);
  expect(load.doubts.map(({ flag }) => flag)).not.toContain('coordinated-omission');
  const notes = (load.notes ?? []).map((note) => ({ ...note, file: 'run.hlog' }));
  const { message, messageZh } = findingOf('read-from-files', { notes });
  expect(message).toBe(
    'run.hlog: of its 5 tags, w1.intended-to-acknowledged count what was sent and w1.intended-to-consumed what was received.',
  );
  expect(messageZh).toBe(
    'run.hlog：共有 5 个标签，w1.intended-to-acknowledged 统计发送，w1.intended-to-consumed 统计接收。',
  );
});
