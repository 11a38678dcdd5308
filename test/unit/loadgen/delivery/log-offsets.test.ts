import { expect, test } from 'vitest';
import { queuesOf } from '../../../../brokers/rocketmq/topic-queues.ts';
import type { PartitionOffsets } from '../../../../core/cluster.ts';
import { numberLogs } from '../../../../loadgen/delivery/log-offsets.ts';

const queue = (brokerName: string, partition: number, end: bigint): PartitionOffsets => ({
  topic: 't',
  brokerName,
  partition,
  start: 0n,
  end,
});

test('Kafka partitions keep their number, and partitions without a start offset are left out', () => {
  const offsets = numberLogs(
    [],
    ['t'],
  )([
    { topic: 't', partition: 3, start: 1n, end: 9n },
    { topic: 't', partition: 4, end: 9n },
    { topic: 'other', partition: 0, start: 0n, end: 1n },
  ]);
  expect(offsets).toEqual([{ topic: 't', partition: 3, start: 1, end: 9 }]);
});

test('queues are numbered by broker and keep their number when a broker is gone', () => {
  const atStart = [queue('b', 0, 5n), queue('a', 1, 6n), queue('a', 0, 7n)];
  const offsetsOf = numberLogs(atStart, ['t']);
  const told = (given: PartitionOffsets[]) =>
    offsetsOf(given)
      .map(({ partition, end }) => [partition, end])
      .sort(([a = 0], [b = 0]) => a - b);
  expect(told(atStart)).toEqual([
    [0, 7],
    [1, 6],
    [2, 5],
  ]);
  expect(told([queue('b', 0, 8n)])).toEqual([[2, 8]]);
});

test('queues added later are numbered after the existing ones and marked as added', () => {
  const offsetsOf = numberLogs([queue('b', 0, 5n), queue('c', 0, 6n)], ['t']);
  const now = [queue('a', 0, 1n), queue('b', 0, 5n), queue('b', 1, 2n), queue('c', 0, 6n)];
  const told = offsetsOf(now).map(({ partition, end, isAdded }) => [partition, end, isAdded]);
  expect(told).toEqual([
    [2, 1, true],
    [0, 5, undefined],
    [3, 2, true],
    [1, 6, undefined],
  ]);
  expect(offsetsOf(now.slice(2)).map(({ partition }) => partition)).toEqual([3, 1]);
});

test('queues have the numbers that producers use, even if a broker is closed for writes', () => {
  const rowOf = (brokerName: string, permission: 'r' | 'rw') => ({
    brokerName,
    readQueues: 1,
    writeQueues: 1,
    permission,
  });
  const brokers = ['a', 'b'].map((brokerName) => {
    return { cluster: 'c', brokerName, addresses: new Map([[0, `${brokerName}:10911`]]) };
  });
  const sentTo = queuesOf('t', { queues: [rowOf('a', 'r'), rowOf('b', 'rw')], brokers });
  const logs = sentTo.map(({ brokerName, queueId, partition }) => queue(brokerName, queueId, BigInt(partition)));
  const read = numberLogs(logs, ['t'])(logs);
  expect(read.map(({ partition, end }) => [partition, end])).toEqual([
    [0, 0],
    [1, 1],
  ]);
});
