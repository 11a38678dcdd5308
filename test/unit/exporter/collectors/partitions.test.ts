import { expect, test } from 'vitest';
import type { Partition } from '../../../../core/cluster.ts';
import { partitions } from '../../../../exporter/collectors/partitions.ts';

function measure(over: Partial<Partition>) {
  const partition = { topic: 'orders', partition: 0, replicas: ['1', '2'], inSyncReplicas: ['1', '2'], ...over };
  const collection = partitions.collect({
    snapshot: {
      cluster: { name: 'lab', kind: 'kafka', brokers: [] },
      topics: [{ name: 'orders', internal: false, partitions: [partition] }],
      offsets: [],
      groups: [],
      sections: [],
    },
  });
  const named = [...collection.measurements].map(({ metric, value }) => [metric.replace('kafka_topic_', ''), value]);
  return Object.fromEntries(named) as Record<string, number>;
}

test('counts replicas and in-sync replicas, and exports the leader', () =>
  expect(measure({ leader: '1' })).toEqual({
    partitions: 1,
    partition_leader: 1,
    partition_leader_is_preferred: 1,
    partition_replicas: 2,
    partition_in_sync_replica: 2,
    partition_under_replicated_partition: 0,
  }));

test('a partition is under-replicated if a replica is out of sync', () =>
  expect(measure({ leader: '1', inSyncReplicas: ['1'] })).toMatchObject({ partition_under_replicated_partition: 1 }));

test('the preferred leader is the first replica', () =>
  expect(measure({ leader: '2' })).toMatchObject({ partition_leader_is_preferred: 0 }));

test('a partition without a leader has no leader series, and is not led by the preferred replica', () => {
  const found = measure({});
  expect(found).not.toHaveProperty('partition_leader');
  expect(found).toMatchObject({ partition_leader_is_preferred: 0 });
});
