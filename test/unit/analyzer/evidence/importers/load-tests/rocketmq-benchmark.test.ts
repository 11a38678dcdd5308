import { expect, test } from 'vitest';
import { rocketmqBenchmark } from '../../../../../../analyzer/evidence/importers/load-tests/rocketmq-benchmark.ts';
import { rocketmqBenchmarkCsv } from '../../../../../../analyzer/evidence/importers/load-tests/rocketmq-benchmark-csv.ts';
import type { ImportedLoad } from '../../../../../../analyzer/evidence/importers/load-tests/load-test-importer.ts';

const read = (...lines: string[]) => {
  const [load] = rocketmqBenchmark.import({ name: 'r.log', text: `${lines.join('\n')}\n` });
  return load as ImportedLoad;
};
const messages = ({ produced, consumed }: ImportedLoad) =>
  [...produced, ...[...consumed.values()].flat()].map((window) => window.messages);

const at = (second: number) => `2024-01-31 12:00:${String(second).padStart(2, '0')},123`;

test.each([
  ['4.0 producer', ['Send TPS: 100 Max RT: 9 Average RT:   0.231 Send Failed: 0 Response Failed: 0']],
  [
    '4.0 consumer',
    ['Consume TPS: 100 Average(B2C) RT:   1.000 Average(S2C) RT:   1.000 MAX(B2C) RT: 9 MAX(S2C) RT: 9'],
  ],
  ['4.7 consumer', ['TPS: 100 FAIL: 0 AVG(B2C) RT:   1.000 AVG(S2C) RT:   1.000 MAX(B2C) RT: 9 MAX(S2C) RT: 9']],
  [
    '4.7 transactions',
    ['Send TPS:  100 Max RT:    9 AVG RT:1.5 Send Failed: 0 check: 0 unexpectedCheck: 0 duplicatedCheck: 0'],
  ],
  [
    '4.8 producer',
    [
      'Current Time: 1700000010000 Send TPS: 100 Max RT(ms): 9 Average RT(ms):   0.231 Send Failed: 0 Response Failed: 0',
    ],
  ],
  [
    '4.8 consumer',
    [
      'Current Time: 1700000010000 TPS: 100 FAIL: 0 AVG(B2C) RT(ms):   1.000 AVG(S2C) RT(ms):   1.000 MAX(B2C) RT(ms): 9 MAX(S2C) RT(ms): 9',
    ],
  ],
  [
    '5.1 producer',
    [
      `Current Time: ${at(10)} | Send TPS: 100 | Max RT(ms): 9 | Average RT(ms):   0.231 | Send Failed: 0 | Response Failed: 0`,
    ],
  ],
  [
    '5.1 consumer',
    [
      `Current Time: ${at(10)} | Consume TPS: 100 | AVG(B2C) RT(ms):   1.000 | AVG(S2C) RT(ms):   1.000 | MAX(B2C) RT(ms): 9 | MAX(S2C) RT(ms): 9 | Consume Fail: 0`,
    ],
  ],
  [
    '5.1 transactions',
    [
      `Current Time: ${at(10)} | Send TPS:   100 | Max RT(ms):     9 | AVG RT(ms): 1.5 | Send Failed: 0 | Check: 0 | UnexpectedCheck: 0 | DuplicatedCheck: 0`,
    ],
  ],
  ['timers', ['Send TPS: 100, Max RT: 9, Average RT:   0.231, Send Failed: 0, Response Failed: 0']],
  [
    'batches, whose messages are counted',
    [
      `Current Time: ${at(10)} | Send TPS: 10 | Send MPS: 100 | Max RT(ms): 9 | Average RT(ms):   2.310 | Average Message RT(ms):   0.231 | Send Failed: 0 | Send Message Failed: 0`,
    ],
  ],
])('reads the output of %s', (_, lines) => {
  expect(rocketmqBenchmark.detect(lines.join('\n'))).toBe(true);
  expect(messages(read(...lines))).toEqual([1000]);
});

test('reads message size and threads from the heading with any separator', () => {
  for (const separator of [' ', ', ', ' | ']) {
    const heading = ['topic: orders', 'threadCount: 80', 'messageSize: 500', 'keyEnable: false'].join(separator);
    const load = read(heading, 'Send TPS: 100 Max RT: 9 Average RT:   0.231 Send Failed: 0 Response Failed: 0');
    expect(load).toMatchObject({ closedLoop: { lanes: 80 }, workload: { messageBytes: 500, topic: 'orders' } });
  }
});

test('a single thread that sends asynchronously is not a closed loop of one', () => {
  const load = read(
    'topic: t threadCount: 1 messageSize: 500',
    'asyncEnable: true',
    'Send TPS: 100 Max RT: 9 Average RT:   0.231 Send Failed: 0 Response Failed: 0',
  );
  expect(load.closedLoop).toEqual({});
});

test('windows are as long as the times between lines, and failures are cumulative', () => {
  const line = (second: number, failed: number) =>
    `Current Time: ${at(second)} | Send TPS: 100 | Max RT(ms): 9 | Average RT(ms):   0.231 | Send Failed: ${failed} | Response Failed: 0`;
  const load = read(
    line(10, 0),
    line(12, 3),
    line(14, 3),
    '[Complete] Send Total: 600 | Send TPS: 100 | Max RT(ms): 9 | Average RT(ms): 0.2 | Send Failed: 3 | Response Failed: 0',
  );
  expect(load.produced.map(({ from, to, failed }) => [from, to, failed])).toEqual([
    [0, 2, 0],
    [2, 4, 3],
    [4, 6, 0],
  ]);
  expect(load.begins).toEqual({ kind: 'local', wallMs: Date.UTC(2024, 0, 31, 12, 0, 8, 123) });
  expect(load.doubts.map(({ flag }) => flag)).not.toContain('truncated');
});

test("reads the CSV of Apache's benchmark runner like log lines, with the time quoted or not", () => {
  for (const quote of ['"', '']) {
    const row = (second: number) => `${quote}${at(second)}${quote},9000,12,0.231,0,0`;
    const text = `Current Time,Send TPS,Max RT (ms),Average RT (ms),Send Failed,Response Failed\n${row(40)}\n${row(50)}\n`;
    const [load] = rocketmqBenchmarkCsv.import({ name: 'producer_performance_data.csv', text });
    expect(load?.produced.map(({ messages: count, meanLatencySeconds }) => [count, meanLatencySeconds])).toEqual([
      [90_000, 0.000231],
      [90_000, 0.000231],
    ]);
    expect(load?.isWarm).toBe(true);
  }
});

test('a line after missing lines covers ten seconds, and the gap is reported', () => {
  const line = (second: number) =>
    `Current Time: ${1_700_000_000_000 + second * 1000} Send TPS: 100 Max RT(ms): 9 Average RT(ms):   0.231 Send Failed: 0 Response Failed: 0`;
  const load = read(line(0), line(641), line(651), line(661));
  expect(load.produced.map(({ from, to, messages }) => [from, to, messages])).toEqual([
    [0, 10, 1000],
    [641, 651, 1000],
    [651, 661, 1000],
    [661, 671, 1000],
  ]);
  expect(load.begins).toEqual({ kind: 'instant', epochMs: 1_699_999_990_000 });
  expect(load.doubts.map(({ what }) => what).join()).toContain('missing for 631 s');
});

test('cumulative failures during missing lines do not count in the next line', () => {
  const line = (second: number, failed: number) =>
    `Current Time: ${1_700_000_000_000 + second * 1000} Send TPS: 100 Max RT(ms): 9 Average RT(ms):   0.231 Send Failed: ${failed} Response Failed: 0`;
  const load = read(line(0, 2), line(10, 5), line(651, 68), line(661, 70), line(671, 70));
  expect(load.produced.map(({ failed }) => failed)).toEqual([2, 3, 1, 2, 0]);
});

test("missing rows in the CSV of Apache's runner are reported, but not a missing end", () => {
  const row = (minute: number) => `2024-01-31 12:${String(minute).padStart(2, '0')}:00,123,9000,12,0.231,0,0`;
  const text = [
    'Current Time,Send TPS,Max RT (ms),Average RT (ms),Send Failed,Response Failed',
    ...[0, 1, 2, 30, 31].map(row),
  ];
  const [load] = rocketmqBenchmarkCsv.import({ name: 'producer_performance_data.csv', text: `${text.join('\n')}\n` });
  expect(load?.doubts.filter(({ flag }) => flag === 'truncated').map(({ what: [en] }) => en)).toEqual([
    expect.stringContaining('missing for 1,620 s'),
  ]);
});
