import { expect, test } from 'vitest';
import { counterGrowth } from '../../../../brokers/delta/counter-growth.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
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

test('counters of one process grow', () => {
  const [first, later] = [rocketmq('100', '1760000000000'), rocketmq('350', '1760000000000')];
  expect(counterGrowth(first, later, 'broker-a:0')).toMatchObject({ messagesIn: 250, bytesIn: 0 });
  expect(counterGrowth(kafka(7, 50), kafka(9, 50), '1')).toEqual({ bytesIn: 2 });
});

test('counters of another process under the same id say nothing, however high they are', () => {
  const [old, taken] = [rocketmq('100', '1760000000000'), rocketmq('5000000000', '1750000000000')];
  expect(counterGrowth(old, taken, 'broker-a:0')).toEqual({});
  expect(counterGrowth(kafka(7, 50), kafka(900, 90), '1')).toEqual({});
});

test('nothing is known of a broker that one of the snapshots lacks', () => {
  const { kafka: _, ...without } = kafka(7, 50);
  expect(counterGrowth(without, kafka(9, 50), '1')).toEqual({});
});
