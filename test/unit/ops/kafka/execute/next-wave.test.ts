import { expect, test } from 'vitest';
import { nextWave } from '../../../../../ops/kafka/execute/next-wave.ts';
import { placed } from '../../../../support/reassign-journal.ts';

const topics = (replicas: string[][]) => [
  {
    name: 'orders',
    internal: false,
    partitions: replicas.map((held, partition) => ({
      topic: 'orders',
      partition,
      leader: '1',
      replicas: held,
      inSyncReplicas: held,
    })),
  },
];

const withDirectories = (
  broker: number,
  ...directories: { usableBytes: number; partitions: number; mayShare?: true }[]
) => ({
  disk: { broker, directories },
  replicas: [],
  offline: [],
});

const bytes = new Map([
  ['orders-0', 20],
  ['orders-1', 5],
]);
const limits = { leaving: [], most: 1, bytes };
const tight = withDirectories(4, { usableBytes: 12, partitions: 0 }, { usableBytes: 100, partitions: 1 });

test.each([
  ['a smaller one moves', [[4], [4]], 4],
  ['its broker keeps the room while others move', [[4], [4], [3]], 3],
])('the largest replica waits for room in the directory that Kafka would choose: %s', (_, aim, to) => {
  const metadata = { topics: topics(aim.map(() => ['1'])) };
  const { wave, full } = nextWave(metadata, placed(aim), { ...limits, brokers: [tight] });
  expect(wave).toMatchObject([{ partition: aim.length - 1, to }]);
  expect(full).toEqual([4]);
});

test('a partition whose second new replica has no room yet gets its first one', () => {
  const metadata = { topics: topics([['1', '2']]) };
  const { wave } = nextWave(metadata, placed([[3, 4]]), { ...limits, brokers: [tight] });
  expect(wave).toMatchObject([{ partition: 0, to: 3 }]);
});

test.each([
  ['separate disks', {}, 2],
  ['perhaps one disk', { mayShare: true as const }, 1],
])('replicas for two directories begin together only if both fit: %s', (_, shared, moves) => {
  const metadata = { topics: topics([['1'], ['1']]) };
  const disk = withDirectories(4, ...[0, 0].map((partitions) => ({ usableBytes: 22, partitions, ...shared })));
  const { wave, full } = nextWave(metadata, placed([[4], [4]]), { ...limits, most: 5, brokers: [disk] });
  expect([wave.length, full]).toEqual([moves, []]);
});
