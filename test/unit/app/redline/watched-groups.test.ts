import { expect, test } from 'vitest';
import { watchedGroups } from '../../../../app/redline/drive-redline.ts';
import type { GroupSnapshot } from '../../../../brokers/snapshot.ts';
import type { ConsumerLag } from '../../../../core/cluster.ts';

const lagIn = (topic: string, partition: number, committed?: bigint): ConsumerLag => ({
  topic,
  partition,
  end: 900n,
  ...(committed !== undefined && { committed }),
});
const group = (name: string, members: number | undefined, ...partitions: ConsumerLag[]): GroupSnapshot => ({
  name,
  ...(members !== undefined && { members }),
  partitions,
});
const traffic = {
  topics: ['orders', 'audit'],
  partitionTps: new Map([
    ['orders-0', 400],
    ['orders-1', 500],
    ['audit-0', 3],
    ['audit-1', 0],
  ]),
  partitionName: ({ topic, partition }: { topic: string; partition: number }) => `${topic}-${partition}`,
};

test('leaves ignored groups out, and names groups without members', () => {
  const { names, notices } = watchedGroups(
    [
      group('billing', 2, lagIn('orders', 0, 800n)),
      group('abandoned', 0, lagIn('orders', 0, 1n)),
      group('batch', 1, lagIn('orders', 0, 1n)),
      group('unread', undefined, lagIn('orders', 0, 800n)),
      group('elsewhere', 0, lagIn('payments', 0, 1n)),
    ],
    ['batch'],
    traffic,
  );
  expect(names).toEqual(['billing', 'abandoned', 'unread', 'elsewhere']);
  expect(notices).toEqual([
    'the lag of ignored groups is not judged: batch',
    expect.stringMatching(/^groups without members: abandoned; .*--ignore-group/),
  ]);
});

test('the rate of a group is that of the partitions with its commits', () => {
  const { groupTps } = watchedGroups(
    [
      group('billing', 2, lagIn('orders', 0, 800n), lagIn('orders', 1)),
      group('audit', 1, lagIn('audit', 0, 890n), lagIn('audit', 1, 890n)),
      group('quiet', 1, lagIn('audit', 1, 890n)),
    ],
    [],
    traffic,
  );
  expect([...groupTps]).toEqual([
    ['billing', 400],
    ['audit', 3],
  ]);
});
