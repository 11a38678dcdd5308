import { expect, test } from 'vitest';
import type { CommitWithoutEnd, Lags } from '../../../../brokers/snapshot.ts';
import type { ConsumerLag, PartitionOffsets } from '../../../../core/cluster.ts';
import { consumerGroups } from '../../../../exporter/collectors/consumer-groups.ts';

const partition = (over: Partial<ConsumerLag>): ConsumerLag => ({ topic: 'orders', partition: 0, end: 100n, ...over });
const read = (partition: number): PartitionOffsets => ({ topic: 'orders', partition, start: 0n, end: 100n });

/** @param offsets of the topic's two partitions, as far as they could be read */
function measure(
  partitions: Lags,
  offsets: readonly PartitionOffsets[] = [read(0), read(1)],
  withoutEnd: readonly CommitWithoutEnd[] = [],
) {
  const collection = consumerGroups.collect({
    snapshot: {
      cluster: { name: 'lab', kind: 'kafka', brokers: [] },
      topics: [
        {
          name: 'orders',
          internal: false,
          partitions: [0, 1].map((partition) => ({
            topic: 'orders',
            partition,
            replicas: ['1'],
            inSyncReplicas: ['1'],
          })),
        },
      ],
      offsets,
      groups: [{ name: 'billing', partitions, withoutEnd: new Map([['orders', withoutEnd]]) }],
      sections: [],
    },
  });
  return [...collection.measurements].map(({ metric, labels, value }) => [
    metric.replace('kafka_consumergroup_', ''),
    labels.slice(1).join('-'),
    value,
  ]);
}

test('lag is the end minus the committed offset, by partition and in total', () =>
  expect(measure([partition({ committed: 40n }), partition({ partition: 1, committed: 99n })])).toEqual([
    ['current_offset', 'orders-0', 40n],
    ['current_offset', 'orders-1', 99n],
    ['lag', 'orders-0', 60n],
    ['lag', 'orders-1', 1n],
    ['current_offset_sum', 'orders', 139n],
    ['lag_sum', 'orders', 61n],
  ]));

test('a partition without a commit has neither offset nor lag', () =>
  expect(measure([partition({}), partition({ partition: 1, committed: 100n })])).toEqual([
    ['current_offset', 'orders-1', 100n],
    ['lag', 'orders-1', 0n],
    ['current_offset_sum', 'orders', 100n],
    ['lag_sum', 'orders', 0n],
  ]));

test('a commit in a partition without a leader is exported without a lag', () =>
  expect(measure([], [read(0)], [{ partition: 1, committed: 4n }])).toEqual([['current_offset', 'orders-1', 4n]]));

test('lag is not negative after a topic was re-created', () =>
  expect(measure([partition({ end: 5n, committed: 40n })])).toContainEqual(['lag', 'orders-0', 0n]));

test('there is no sum while a partition of the topic could not be read', () =>
  expect(measure([partition({ committed: 40n })], [read(0)])).toEqual([
    ['current_offset', 'orders-0', 40n],
    ['lag', 'orders-0', 60n],
  ]));

test('lag is exact above 2^53', () => {
  const end = 9_007_199_254_740_993n;
  expect(measure([partition({ end, committed: end - 1n })])).toContainEqual(['lag', 'orders-0', 1n]);
});

test('commits in columns give the same series as single commits', () => {
  const lags = [partition({ committed: 40n }), partition({ partition: 1, end: 5n, committed: 9n })];
  const columns = { topic: 'orders', partitions: [0, 1], committed: [40n, 9n], ends: [100n, 5n] };
  const inColumns: Lags = {
    committed: () => [columns],
    [Symbol.iterator]: () => {
      throw new Error('gone through one by one');
    },
  };
  expect(measure(inColumns)).toEqual(measure(lags));
});
