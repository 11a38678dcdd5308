import { expect, test } from 'vitest';
import { commitGrowth, observeCommits } from '../../../../brokers/delta/commit-growth.ts';
import { counterGrowth } from '../../../../brokers/delta/counter-growth.ts';
import { readingTimes } from '../../../../brokers/delta/reading-times.ts';
import type { ClusterSnapshot, Section } from '../../../../brokers/snapshot.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../../../support/rocketmq-snapshot.ts';

const rocketmq = (stored: string, bootTimestamp: string) =>
  snapshotWith({
    brokers: [
      brokerWith({ id: 'broker-a:0', runtime: runtimeWith('5.3.3', { putMessageTimesTotal: stored, bootTimestamp }) }),
    ],
  });

function kafka(bytesIn: number, startedAtSeconds: number): ClusterSnapshot {
  const values = [
    { metric: 'kafka_broker_bytes_in_total', labels: [], value: bytesIn },
    { metric: 'kafka_broker_jvm_start_time_seconds', labels: [], value: startedAtSeconds },
  ];
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers: [] },
    topics: [],
    offsets: [],
    groups: [],
    sections: [],
    kafka: {
      logDirectories: [],
      topicSizes: [],
      topicConfigs: [],
      zooKeeper: [],
      internals: [{ broker: '1', agent: 'jolokia', dropped: 0, values }],
    },
  };
}

const growth = (before: ClusterSnapshot, after: ClusterSnapshot, broker: string) =>
  counterGrowth({ atSeconds: 10, snapshot: before }, { atSeconds: 12, snapshot: after }, broker);

test('counters of the same process grow by their difference', () => {
  const [first, later] = [rocketmq('100', '1760000000000'), rocketmq('350', '1760000000000')];
  expect(growth(first, later, 'broker-a:0')).toMatchObject({ counters: { messagesIn: 250, bytesIn: 0 }, seconds: 2 });
  expect(growth(kafka(7, 50), kafka(9, 50), '1')).toEqual({ counters: { bytesIn: 2 }, seconds: 2 });
});

test('counters of another process under the same id give no growth, however high they are', () => {
  const [old, taken] = [rocketmq('100', '1760000000000'), rocketmq('5000000000', '1750000000000')];
  expect(growth(old, taken, 'broker-a:0')).toEqual({ counters: {}, seconds: 2 });
  expect(growth(kafka(7, 50), kafka(900, 90), '1')).toEqual({ counters: {}, seconds: 2 });
});

test('growth is unknown for a broker that one snapshot lacks', () => {
  const { kafka: _, ...without } = kafka(7, 50);
  expect(growth(without, kafka(9, 50), '1')).toBeUndefined();
});

test('a kept reading has no growth, and the next fresh one covers the time since the kept one was read', () => {
  const kept: Section = { section: 'runtime', broker: 'broker-a:0', kind: 'kept', ageSeconds: 3 };
  const [first, later] = [rocketmq('100', '1760000000000'), rocketmq('350', '1760000000000')];
  expect(growth(first, { ...first, sections: [kept] }, 'broker-a:0')).toBeUndefined();
  expect(growth({ ...first, sections: [kept] }, later, 'broker-a:0')).toMatchObject({
    counters: { messagesIn: 250 },
    seconds: 5,
  });
});

test('RocketMQ commits are as old as the end offsets they are compared with', () => {
  const commits: Section = { section: 'commits', broker: 'a:0', kind: 'fresh', ageSeconds: 0 };
  const ends: Section = { section: 'offsets', broker: 'a:0', kind: 'kept', ageSeconds: 10 };
  const timeOf = (sections: Section[]) =>
    readingTimes({ atSeconds: 50, snapshot: { ...rocketmq('1', '1'), sections } }, 'commits')({ brokerName: 'a' });
  expect(timeOf([commits, ends])).toEqual({ atSeconds: 40, isFresh: false });
  expect(timeOf([commits, { ...ends, kind: 'fresh', ageSeconds: 0 }])).toEqual({ atSeconds: 50, isFresh: true });
});

test('Kafka commits that were first shown from an earlier reading grow since that reading', () => {
  const reading = (committed: bigint, age: { commitsAgeSeconds?: number } = {}): ClusterSnapshot => ({
    ...kafka(7, 50),
    groups: [{ name: 'billing', partitions: [{ topic: 'orders', partition: 0, end: 90n, committed }], ...age }],
  });
  const before = observeCommits({ atSeconds: 10, snapshot: reading(5n, { commitsAgeSeconds: 3 }) });
  const after = observeCommits({ atSeconds: 12, snapshot: reading(25n) }, before);
  expect([...commitGrowth(before, after)]).toMatchObject([{ group: 'billing', messages: 20, seconds: 5 }]);
});
