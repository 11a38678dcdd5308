import { expect, test } from 'vitest';
import { ombJson } from '../../../../../../analyzer/evidence/importers/load-tests/omb-json.ts';
import { ombLog } from '../../../../../../analyzer/evidence/importers/load-tests/omb-log.ts';
import { readWorkloadName } from '../../../../../../analyzer/evidence/importers/load-tests/omb-fields.ts';
import type { ImportedLoad } from '../../../../../../analyzer/evidence/importers/load-tests/load-test-importer.ts';
import { ombResult } from '../../../../../support/load-test-files.ts';

const read = (over: Record<string, unknown>, name = 'r.json') => {
  const [load] = ombJson.import({ name, text: ombResult(over) });
  return load as ImportedLoad;
};
const log = (...lines: string[]) => ombLog.import({ name: 'omb.log', text: `${lines.join('\n')}\n` });

test.each([
  ['1 topic / 100 partitions / 2 producer / 2 consumer / 1Kb / 700K Rate', 700_000, 1024, 100],
  ['100-partitions-200K-rate-4-producer', 200_000, undefined, 100],
  ['1 topic / 1 partition / 100b', undefined, 100, 1],
  ['100 topics / 1 partition / 1kb', undefined, 1024, 100],
  ['1.5M-rate', 1_500_000, undefined, undefined],
  ['max rate', undefined, undefined, undefined],
])('reads rate, message size and partitions from the name %j', (name, offeredTps, messageBytes, partitions) => {
  expect(readWorkloadName(name)).toEqual({
    ...(offeredTps !== undefined && { offeredTps }),
    workload: { ...(messageBytes !== undefined && { messageBytes }), ...(partitions !== undefined && { partitions }) },
  });
});

test('counts of Redpanda take precedence over rates, with its sample length and end time', () => {
  const load = read({
    sampleRateMillis: 1000,
    endTime: '2026-11-20-12-00-10',
    publishRate: [100, 100],
    sent: [103, 104],
    consumed: [103, 104],
    publishFailed: [0, 2],
  });
  expect(load.produced.map(({ from, to, messages, failed }) => [from, to, messages, failed])).toEqual([
    [0, 1, 103, 0],
    [1, 2, 104, 2],
  ]);
  expect(load.begins).toEqual({ kind: 'local', wallMs: Date.UTC(2026, 10, 20, 12, 0, 8) });
});

test('partitions are counted over all topics', () => {
  expect(read({ workload: '100-topics-1-partitions-1kb', topics: 100, partitions: 1 }).workload.partitions).toBe(100);
  expect(read({ partitions: 1 }).workload.partitions).toBe(1);
});

test('reads the rate and the subscriptions of the fork by Vanlightly', () => {
  const load = read({ producerRate: 50_000, subscriptionsPerTopic: 2, publishRate: [50_000], consumeRate: [100_000] });
  expect(load.offered).toEqual({ tps: 50_000 });
  expect([...load.consumed.values()].flat()[0]?.messages).toBe(500_000);
  expect(load.workload.groups).toBe(2);
});

test('backlog and consumed messages are divided by the number of subscriptions', () => {
  const load = read({ subscriptionsPerTopic: 3, publishRate: [1000], consumeRate: [2997], backlog: [300] });
  expect(load.backlog).toEqual([{ atSeconds: 10, messages: 100 }]);
});

test('without stated subscriptions, their number follows from the consume ratio, with a note', () => {
  const load = read({ publishRate: [1000, 1000], consumeRate: [3010, 2990] });
  expect(load.workload.groups).toBe(3);
  expect(load.notes).toContainEqual({ kind: 'subscriptions', consumedRatio: 3, subscriptions: 3 });
});

test('a send delay of half of the messages shows a limited client, and is not used as a figure', () => {
  const late = {
    aggregatedPublishDelayLatency50pct: 22_000_000,
    aggregatedPublishDelayLatency99pct: 59e6,
    aggregatedPublishDelayLatency999pct: 59e6,
    aggregatedPublishDelayLatencyMax: 59e6,
  };
  expect(read(late).sendDelaySeconds).toBeUndefined();
  expect(read(late).doubts.map(({ flag }) => flag)).toContain('client-bound');
});

const rate = (value: number, time: string) =>
  `${time} [main] INFO WorkloadGenerator - Pub rate ${value}.0 msg/s / 48.9 MB/s | Pub err     0.5 err/s | Cons rate ${value * 2}.0 msg/s / 97.8 MB/s | Backlog: 926.0 K | Pub Latency (ms) avg:  6.8 - 50%:  6.4 - 99%: 14.3 - 99.9%: 19.1 - Max: 23.5 | Pub Delay Latency (us) avg: 43.2 - 50%: 45.0 - 99%: 72.0 - 99.9%: 80.0 - Max: 90.0`;
const aggregated = (time: string) =>
  `${time} [main] INFO WorkloadGenerator - ----- Aggregated Pub Latency (ms) avg:  2,1 - 50%:  1,7 - 95%:  3,0 - 99%: 11,8 - 99.9%: 45,4 - 99.99%: 52,6 - Max: 55,4 | Pub Delay (us)  avg:  2.1 - 50%:  1.7`;

test('reads the target rate and workload from a log, and the end of the warm-up', () => {
  const [load, ...others] = log(
    '12:00:00.000 [main] INFO Benchmark - Workloads: {',
    '  "w" : {',
    '    "name" : "My workload",',
    '    "topics" : 100,',
    '    "partitionsPerTopic" : 1,',
    '    "messageSize" : 500,',
    '    "producerRate" : 50000,',
    '    "subscriptionsPerTopic" : 2',
    '  }',
    '}',
    '12:00:00.100 [main] INFO Benchmark - --------------- WORKLOAD : My workload --- DRIVER : RocketMQ---------------',
    '12:00:01.000 [main] INFO WorkloadGenerator - ----- Starting warm-up traffic (1m) ------',
    rate(9000, '12:00:11.000'),
    aggregated('12:00:12.000'),
    '12:00:12.000 [main] INFO WorkloadGenerator - ----- Starting benchmark traffic (1m)------',
    rate(50_000, '12:00:22.000'),
    rate(50_001, '12:00:32.500'),
    rate(50_001, '12:00:42.500'),
    aggregated('12:00:43.000'),
  );
  expect(others).toEqual([]);
  expect(load).toMatchObject({
    broker: 'rocketmq',
    isWarm: true,
    offered: { tps: 50_000 },
    workload: { messageBytes: 500, partitions: 100, groups: 2 },
    latencySeconds: { p50: 0.0017, p99: expect.closeTo(0.0118, 9), p999: expect.closeTo(0.0454, 9), max: 0.0554 },
  });
  expect(load?.produced.map(({ to }) => to)).toEqual([10, 20.5, 30.5]);
  expect([...(load?.consumed.values() ?? [])].flat()[0]?.messages).toBe(500_000);
  expect(load?.backlog?.map(({ messages }) => messages)).toEqual([463_000, 463_000, 463_000]);
});

test('a log clock that passes midnight or was set back does not lengthen samples', () => {
  const ends = (...times: string[]) => {
    const [load] = log(...times.map((time) => rate(1000, time)));
    return load?.produced.map(({ from, to }) => [from, to]);
  };
  const even = [0, 10, 20, 30].map((from) => [from, from + 10]);
  expect(ends('23:59:40.000', '23:59:50.000', '00:00:00.000', '00:00:10.000')).toEqual(even);
  expect(ends('12:00:00.000', '12:00:10.000', '12:00:09.000', '12:00:19.000')).toEqual(even);
});

test('a log of several workloads yields one load each', () => {
  const loads = log(
    '--------------- WORKLOAD : 10K rate --- DRIVER : Kafka---------------',
    rate(10_000, '12:00:22.000'),
    aggregated('12:00:33.000'),
    '--------------- WORKLOAD : 20K rate --- DRIVER : Kafka---------------',
    rate(20_000, '12:10:22.000'),
  );
  expect(loads.map(({ offered, part }) => [offered?.tps, part])).toEqual([
    [10_000, 'workload 1'],
    [20_000, 'workload 2'],
  ]);
  expect(loads[1]?.doubts.map(({ flag }) => flag)).toContain('truncated');
});
