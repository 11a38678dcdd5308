import { expect, test } from 'vitest';
import { lagsOf, type Ends } from '../../../../../brokers/kafka/inspect/lags.ts';

const ends: Ends = new Map([
  [
    'orders',
    new Map([
      [0, { topic: 'orders', partition: 0, start: 0n, end: 10n }],
      [1, { topic: 'orders', partition: 1, start: 2n, end: 20n, lastStable: 15n }],
      [2, { topic: 'orders', partition: 2, start: 0n }],
    ]),
  ],
]);
const inOrders = (...commits: [partition: number, offset: bigint][]) => ({
  topic: 'orders',
  partitions: Int32Array.from(commits, ([partition]) => partition),
  offsets: BigInt64Array.from(commits, ([, offset]) => offset),
});

test('each commit has the start, last stable and end offset of its partition', () =>
  expect([...lagsOf({ committed: [inOrders([0, 7n], [1, 9n])], assigned: [] }, ends)]).toEqual([
    { topic: 'orders', partition: 0, start: 0n, end: 10n, committed: 7n },
    { topic: 'orders', partition: 1, start: 2n, end: 20n, lastStable: 15n, committed: 9n },
  ]));

test('a partition without an end, or of a deleted or unknown topic, has no lag', () => {
  const committed = [inOrders([2, 1n], [9, 1n]), { ...inOrders([0, 1n]), topic: 'gone' }];
  expect([...lagsOf({ committed, assigned: [{ topic: 'gone', partitions: [1] }] }, ends)]).toEqual([]);
});

test('a partition that is both assigned and committed appears once', () => {
  const lags = lagsOf({ committed: [inOrders([1, 9n])], assigned: [{ topic: 'orders', partitions: [1, 0, 0] }] }, ends);
  expect(Array.from(lags, ({ partition, committed }) => [partition, committed])).toEqual([
    [1, 9n],
    [0, undefined],
  ]);
});

test('offsets stay exact beyond 2^53', () => {
  const [lag] = lagsOf({ committed: [inOrders([0, 9_007_199_254_740_993n])], assigned: [] }, ends);
  expect(lag?.committed).toBe(9_007_199_254_740_993n);
});

test('lags can be iterated more than once', () => {
  const lags = lagsOf({ committed: [inOrders([0, 7n], [1, 9n])], assigned: [] }, ends);
  expect([...lags]).toEqual([...lags]);
  expect([...lags]).toHaveLength(2);
});

test('the topics of the lags are known without iterating, and exclude deleted topics', () => {
  const committed = [inOrders([0, 7n]), { ...inOrders([0, 1n]), topic: 'gone' }];
  expect(lagsOf({ committed, assigned: [] }, ends).topics).toEqual(['orders']);
});

test('columns hold the same commits and ends, without partitions that have no end', () => {
  const lags = lagsOf(
    {
      committed: [inOrders([0, 7n], [2, 5n], [1, 9n]), { ...inOrders([0, 1n]), topic: 'gone' }],
      assigned: [{ topic: 'orders', partitions: [2] }],
    },
    ends,
  );
  const columns = Array.from(lags.committed?.() ?? [], ({ topic, partitions, committed, ends: upTo }) =>
    Array.from(partitions, (partition, index) => [
      topic,
      partition,
      BigInt(committed[index] ?? NaN),
      BigInt(upTo[index] ?? NaN),
    ]),
  );
  expect(columns.flat()).toEqual(
    Array.from(lags, ({ topic, partition, committed, end }) => [topic, partition, committed, end]),
  );
  expect(columns.flat()).toHaveLength(2);
});

test('columns of groups with different partitions, or in another order, have matching ends', () => {
  const columnsOf = (...commits: [partition: number, offset: bigint][]) =>
    [...(lagsOf({ committed: [inOrders(...commits)], assigned: [] }, ends).committed?.() ?? [])].map(
      ({ partitions, ends: upTo }) => [Array.from(partitions), upTo],
    );
  expect(columnsOf([0, 7n], [1, 9n])).toEqual([
    [
      [0, 1],
      [10, 20],
    ],
  ]);
  expect(columnsOf([1, 9n], [0, 7n])).toEqual([
    [
      [1, 0],
      [20, 10],
    ],
  ]);
  expect(columnsOf([1, 9n])).toEqual([[[1], [20]]]);
  expect(columnsOf([2, 1n], [1, 9n])).toEqual([[[1], [20]]]);
});

test('only partitions with a commit below the end count as lagging', () => {
  const lags = lagsOf(
    {
      committed: [inOrders([0, 10n], [1, 9n], [2, 1n]), { ...inOrders([0, 1n]), topic: 'gone' }],
      assigned: [{ topic: 'orders', partitions: [0] }],
    },
    ends,
  );
  expect([...(lags.behind?.() ?? [])]).toEqual([
    { topic: 'orders', partition: 1, start: 2n, end: 20n, lastStable: 15n, committed: 9n },
  ]);
});

test('the position of a share group comes from the lag that the broker reports, otherwise from its start offset', () => {
  const orders = { ...inOrders([0, 3n], [1, 9n]), lags: BigInt64Array.of(2n, -1n) };
  const lags = lagsOf({ committed: [orders], assigned: [] }, ends);
  expect(Array.from(lags, ({ committed }) => committed)).toEqual([8n, 9n]);
  expect([...(lags.committed?.() ?? [])]).toMatchObject([{ committed: [8, 9], ends: [10, 20] }]);
  expect(Array.from(lags.behind?.() ?? [], ({ committed }) => committed)).toEqual([8n, 9n]);
  expect(Array.from(lags, ({ oldestUnread }) => oldestUnread)).toEqual([3n, undefined]);
});
