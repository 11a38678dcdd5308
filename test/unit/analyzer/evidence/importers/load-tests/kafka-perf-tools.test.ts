import { describe, expect, test } from 'vitest';
import { kafkaConsumerPerf } from '../../../../../../analyzer/evidence/importers/load-tests/kafka-consumer-perf.ts';
import { kafkaProducerPerf } from '../../../../../../analyzer/evidence/importers/load-tests/kafka-producer-perf.ts';
import { producerPerfLog } from '../../../../../support/load-test-files.ts';

const producer = (text: string) => kafkaProducerPerf.import({ name: 'p.log', text });
const consumer = (text: string) => {
  const [load] = kafkaConsumerPerf.import({ name: 'c.csv', text });
  return { load, windows: [...(load?.consumed.values() ?? [])].flat() };
};

test('reads decimal commas, and ignores the prefix of a logger', () => {
  const [load] = producer(
    'Nov 20 19:58:32 51651 records sent, 10328,1 records/sec (10,09 MB/sec), 2,7 ms avg latency, 63,0 ms max latency.\n' +
      '[2026-11-20 19:58:37,001] INFO 51651 records sent, 10328,100000 records/sec (10,09 MB/sec), 2,70 ms avg latency, 63,00 ms max latency, 1 ms 50th, 2 ms 95th, 2 ms 99th, 14 ms 99,9th.\n',
  );
  expect(load?.produced[0]?.messages).toBe(51_651);
  expect(load?.produced[0]?.to).toBeCloseTo(51_651 / 10_328.1, 6);
  expect(load?.latencySeconds).toEqual({ p50: 0.001, p99: 0.002, p999: 0.014, max: 0.063 });
  expect(load?.workload.messageBytes).toBe(1024);
});

test('counts the windows and the total of the steady state in a test with warm-up', () => {
  const window = (count: number) =>
    `${count} records sent, ${(count / 5).toFixed(1)} records/sec (1.00 MB/sec), 2.0 ms avg latency, 63.0 ms max latency.`;
  const total = (count: number, what: string, seconds: number, p50: number) =>
    `${count} ${what}records sent, ${(count / seconds).toFixed(6)} records/sec (1.00 MB/sec), 2.00 ms avg latency, 63.00 ms max latency, ${p50} ms 50th, 2 ms 95th, 2 ms 99th, 14 ms 99.9th.`;
  const [load, ...others] = producer(
    `Warmup first 1000 records. Steady state results will print after the complete test summary.\n${window(900)}\nIn steady state.\n${window(5000)}\n${window(5010)}\n${total(11_010, '', 15.6, 9)}\n${total(10_010, 'steady state ', 10, 1)}\n`,
  );
  expect(others).toEqual([]);
  expect(load?.produced.map(({ messages }) => messages)).toEqual([5000, 5010]);
  // The last 0.6 s of the warm-up have no window.
  expect(load?.produced.map(({ from, to }) => [from, to])).toEqual([
    [expect.closeTo(5.6, 3), expect.closeTo(10.6, 3)],
    [expect.closeTo(10.6, 3), expect.closeTo(15.6, 3)],
  ]);
  expect(load?.latencySeconds?.p50).toBe(0.001);
  expect(load?.isWarm).toBe(true);
  expect(load?.doubts.map(({ flag }) => flag)).not.toContain('no-warm-up');
});

test('counts the windows after the warm-up in a truncated test with warm-up', () => {
  const window = '5000 records sent, 1000.0 records/sec (0.98 MB/sec), 2.0 ms avg latency, 63.0 ms max latency.';
  const [load] = producer(`Warmup first 9000 records.\n${window}\nIn steady state.\n${window}\n`);
  expect(load?.produced.map(({ from, to }) => [from, to])).toEqual([[5, 10]]);
});

test('ignores the table of --print-metrics', () => {
  const table =
    '\nMetric Name                                                  Value\nproducer-metrics:records-sent-total:{client-id=perf} : 400.000\n';
  expect(producer(producerPerfLog({ rate: 1000 }) + table)).toHaveLength(1);
});

test('separates tests that were appended to one file', () => {
  const loads = producer([1000, 2000, 3000].map((rate) => producerPerfLog({ rate })).join(''));
  expect(loads.map(({ part }) => part)).toEqual(['test 1', 'test 2', 'test 3']);
  expect(loads.map(({ produced }) => Math.round((produced[0]?.messages ?? 0) / 5))).toEqual([1000, 2000, 3000]);
});

describe('failed records, printed as exceptions between the lines', () => {
  const line = '50000 records sent, 10000.0 records/sec (9.77 MB/sec), 2.0 ms avg latency, 63.0 ms max latency.';
  const total =
    '500000 records sent, 10000.000000 records/sec (9.77 MB/sec), 2.00 ms avg latency, 63.00 ms max latency, 1 ms 50th, 2 ms 95th, 2 ms 99th, 14 ms 99.9th.';
  const failure =
    'org.apache.kafka.common.errors.NotEnoughReplicasException: Messages are rejected since there are fewer in-sync replicas than required.';
  const failedIn = (...lines: string[]) =>
    producer(`${lines.join('\n')}\n`).map(({ produced }) => produced.map(({ failed }) => failed));

  test('count in the window that follows, or in the last window if none follows', () => {
    expect(failedIn(failure, failure, line, line, failure, total)).toEqual([[2, 1]]);
    const [load] = producer(`${[failure, failure, line, line, failure, total].join('\n')}\n`);
    expect(load?.doubts.find(({ flag }) => flag === 'failed-sends')?.what[0]).toContain('3 records failed');
  });

  test('count once each, also after a timestamp, without stack frames and causes', () => {
    const trace = [
      failure,
      '\tat org.apache.kafka.clients.producer.internals.FutureRecordMetadata.valueOrError(FutureRecordMetadata.java:97)',
      'Caused by: org.apache.kafka.common.errors.TimeoutException: Expiring 15 record(s)',
      '\t... 4 more',
      'Nov 20 19:58:32 org.apache.kafka.common.errors.RecordTooLargeException',
    ];
    expect(failedIn(...trace, line, total)).toEqual([[2]]);
  });

  test('do not include exceptions that a logger printed on a separate line', () => {
    const warnings = [
      '[2026-11-20 19:58:37,001] WARN [Producer clientId=perf] Error connecting to node b2:9092 (id: 2 rack: null) (org.apache.kafka.clients.NetworkClient)',
      'java.net.UnknownHostException: b2: Name or service not known',
      '\tat java.base/java.net.Inet6AddressImpl.lookupAllHostAddr(Native Method)',
      '\tat org.apache.kafka.clients.NetworkClient.initiateConnect(NetworkClient.java:1053)',
      '2026-11-20 19:58:37,101 [kafka-producer-network-thread | perf] ERROR [Producer clientId=perf] Uncaught error in kafka producer I/O thread:  (org.apache.kafka.clients.producer.internals.Sender)',
      'org.apache.kafka.common.errors.TimeoutException: The request timed out.',
      '[2026-11-20 19:58:37,201] ERROR [Producer clientId=perf] Aborting producer batches due to fatal error (org.apache.kafka.clients.producer.internals.Sender)',
      'org.apache.kafka.common.errors.ClusterAuthorizationException: Cluster authorization failed.',
    ];
    const log = producerPerfLog({ rate: 1000 }).replaceAll(
      /(?=^\d+ records sent)/gm,
      `${warnings.join('\n')}\n`.repeat(6),
    );
    const [load] = producer(log);
    expect(load?.produced.map(({ failed }) => failed)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(load?.doubts.map(({ flag }) => flag)).not.toContain('failed-sends');
    expect(failedIn(...warnings, failure, line, total)).toEqual([[1]]);
  });

  test.each([
    '[2026-11-20 19:58:37,001] WARN [Producer clientId=perf-producer-client] Got error produce response with correlation id 42 on topic-partition orders-0, retrying (0 attempts left). Error: NOT_ENOUGH_REPLICAS (org.apache.kafka.clients.producer.internals.Sender)',
    '[2026-11-20 19:58:37,001] ERROR [Producer clientId=perf-producer-client] Connection to node -1 (b1/10.0.0.1:9092) failed authentication due to: Authentication failed (org.apache.kafka.clients.NetworkClient)',
  ])('count after a logged message without an exception: %s', (message) => {
    const rounds = Array.from({ length: 10 }, () => [message, message, failure, line]).flat();
    expect(failedIn(...rounds, total)).toEqual([Array.from({ length: 10 }, () => 1)]);
  });

  test('of a warm-up or of the previous test do not count', () => {
    expect(failedIn(failure, line, 'In steady state.', line, total)).toEqual([[0]]);
    expect(failedIn(line, total, failure, line, total)).toEqual([[0], [1]]);
  });

  test('raise no doubt if there are none', () => {
    expect(producer(producerPerfLog({ rate: 1000 }))[0]?.doubts.map(({ flag }) => flag)).not.toContain('failed-sends');
  });
});

test('uses the total of a test that is shorter than a window', () => {
  const [load] = producer(
    '120 records sent, 816.326531 records/sec (0.80 MB/sec), 35.37 ms avg latency, 134.00 ms max latency, 35 ms 50th, 39 ms 95th, 41 ms 99th, 134 ms 99.9th.\n',
  );
  expect(load?.produced).toHaveLength(1);
  expect(load?.produced[0]?.to).toBeCloseTo(0.147, 3);
  expect(load?.workload.messageBytes).toBe(1024);
});

test('reports no message size if the two decimals of MB/sec are too coarse', () => {
  const [load] = producer(
    '10 records sent, 0.954290 records/sec (0.00 MB/sec), 2134.20 ms avg latency, 2776.00 ms max latency, 1 ms 50th, 2 ms 95th, 3 ms 99th, 4 ms 99.9th.\n',
  );
  expect(load?.workload.messageBytes).toBeUndefined();
});

test('reads the intervals of a share consumer, whose rate column precedes its count', () => {
  const { windows } = consumer(
    'start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms\n' +
      '2026-11-20 12:00:00:000, 2026-11-20 12:00:01:000, 1.0000, 1.0000, 1000.0000, 1000, 1000 for share consumer 1\n' +
      '2026-11-20 12:00:01:000, 2026-11-20 12:00:02:000, 3.0000, 2.0000, 2000.0000, 3000, 1000 for share consumer 1\n' +
      'Share consumer 1 consumption metrics- 2026-11-20 12:00:00:000, 2026-11-20 12:00:02:000, 3.0000, 1.5, 1500.0, 3000, 2000\n' +
      '2026-11-20 12:00:00:000, 2026-11-20 12:00:02:100, 3.0000, 1.4286, 1428.5714, 3000, 2100\n',
  );
  expect(windows.map(({ messages }) => messages)).toEqual([1000, 2000]);
});

test('reads the columns of Kafka 0.8 by name', () => {
  const { windows, load } = consumer(
    'start.time, end.time, fetch.size, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec\n' +
      '2014-01-01 12:00:00:000, 2014-01-01 12:00:10:000, 1048576, 95.3674, 9.5367, 1000000, 100000.0000\n',
  );
  expect(windows).toEqual([{ from: 0, to: 10, messages: 1_000_000 }]);
  expect(load?.workload.messageBytes).toBe(100);
  expect(load?.doubts.map(({ flag }) => flag)).toContain('rebalance-included');
});

test('counts detailed rows per thread, with or without threadId in the heading', () => {
  const rows =
    '2016-01-01 12:00:05:000, 0, 5.0, 1.0, 5000, 1000.0\n2016-01-01 12:00:05:000, 1, 5.0, 1.0, 10000, 2000.0\n2016-01-01 12:00:10:000, 0, 12.0, 1.4, 12000, 1400.0\n';
  for (const heading of ['time, threadId, ', 'time, ']) {
    const { windows } = consumer(`${heading}data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec\n${rows}`);
    expect(windows.map(({ messages }) => messages)).toEqual([5000, 10_000, 7000]);
  }
});

test('skips warnings between rows', () => {
  const { windows } = consumer(
    'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec\n' +
      'WARNING: Exiting before consuming the expected number of messages: timeout (10000 ms) exceeded.\n' +
      '2016-01-01 12:00:00:000, 2016-01-01 12:00:10:000, 95,3674, 9,5367, 1000000, 100000,0000\n',
  );
  expect(windows).toHaveLength(1);
});

describe('throttle times of the producer from --print-metrics', () => {
  const line = (rate: number) =>
    `${5 * rate} records sent, ${rate}.0 records/sec (1.00 MB/sec), 2.0 ms avg latency, 9.0 ms max latency.`;
  const total = `400 records sent, 10.000000 records/sec (1.00 MB/sec), 2.00 ms avg latency, 63.00 ms max latency, 1 ms 50th, 2 ms 95th, 2 ms 99th, 14 ms 99.9th.`;
  const metric = (name: string, value: string) =>
    `producer-metrics:${name}:{client-id=test-1}                      : ${value}`;
  const throttledOf = (average: string, longest: string, windows = 8) => {
    const table = [
      'Metric Name                                                                    Value',
      metric('produce-throttle-time-avg', average),
      metric('produce-throttle-time-max', longest),
      metric('request-rate', '0.321'),
    ];
    const [load] = producer([...Array.from({ length: windows }, () => line(10)), total, '', ...table, ''].join('\n'));
    return load?.produced.map(({ throttled }) => throttled);
  };

  test('count in the last 30 s, which the metrics certainly cover', () => {
    const throttled = throttledOf('3023.636', '3267.000');
    expect(throttled?.slice(0, 2)).toEqual([undefined, undefined]);
    expect(throttled?.slice(2)).toEqual(
      Array.from({ length: 6 }, () => ({
        answers: 2,
        seconds: expect.closeTo(3.023636 * 0.321 * 5, 6),
        longestSeconds: 3.267,
      })),
    );
  });

  test('are zero if reported as 0, and unknown without responses', () => {
    expect(throttledOf('0.000', '0.000')?.at(-1)).toEqual({ answers: 0, seconds: 0, longestSeconds: 0 });
    expect(throttledOf('NaN', 'NaN')?.at(-1)).toBeUndefined();
  });
});
