import { expect, test } from 'vitest';
import type { ConsumerLag } from '../../../../../core/cluster.ts';
import { createStoreTimes } from '../../../../../brokers/kafka/inspect/store-times.ts';

const noon = Date.UTC(2026, 0, 1, 12);

function cluster(partitions: number) {
  const times = createStoreTimes();
  const metadata = {
    brokers: [],
    topics: [
      {
        name: 'orders',
        internal: false,
        partitions: Array.from({ length: partitions }, (_, partition) => ({
          topic: 'orders',
          partition,
          leader: partition % 2 === 0 ? '1' : '2',
          replicas: [],
          inSyncReplicas: [],
        })),
      },
    ],
  };
  return {
    times,
    metadata,
    look: (end: bigint) =>
      times.observe(
        metadata.topics[0]?.partitions.map(({ partition }) => ({ topic: 'orders', partition, start: 0n, end })) ?? [],
      ),
    wanted: (...lags: ConsumerLag[]) => times.wanted([{ name: 'billing', partitions: lags }], metadata),
    /** The requests, in order, and the answers of the broker. */
    ask(lags: readonly ConsumerLag[], kind: 'stored' | 'cold' | 'unknown' = 'stored') {
      const asked = [...times.wanted([{ name: 'billing', partitions: lags }], metadata).values()].flat();
      times.learn(
        asked,
        asked.map(() => (kind === 'stored' ? { kind, atMs: noon } : { kind })),
      );
      return asked.map(({ partition, offset }) => [partition, Number(offset)]);
    },
    shown: (...lags: ConsumerLag[]) => times.shown([{ name: 'billing', partitions: lags }])[0]?.partitions,
  };
}

const lag = (committed: bigint | undefined, over: Partial<ConsumerLag> = {}): ConsumerLag => ({
  topic: 'orders',
  partition: 0,
  start: 0n,
  end: 100n,
  ...(committed !== undefined && { committed }),
  ...over,
});

test('asks the leader of a message that a group has yet to read and that was there at the first look', () => {
  const { look, wanted } = cluster(2);
  look(100n);
  expect([...wanted(lag(40n), lag(50n, { partition: 1 }))]).toEqual([
    ['1', [expect.objectContaining({ topic: 'orders', partition: 0, offset: 40n })]],
    ['2', [expect.objectContaining({ topic: 'orders', partition: 1, offset: 50n })]],
  ]);
});

test.each([
  ['nothing is left', lag(100n)],
  ['nothing was ever committed', lag(undefined)],
  ['the message came after the first look: the history has it', lag(110n, { end: 120n })],
  ['retention took all there was', lag(40n, { start: 100n })],
  ['the partition has no leader', lag(40n, { partition: 7 })],
])('asks nothing where %s', (_, each) => {
  const { look, wanted } = cluster(1);
  look(100n);
  expect(wanted(each).size).toBe(0);
});

test('asks once of a group that stands still, and again when it moves', () => {
  const { look, ask, shown } = cluster(1);
  look(100n);
  expect(ask([lag(40n)])).toEqual([[0, 40]]);
  expect(shown(lag(40n))).toEqual([lag(40n, { nextStoredAtMs: noon })]);
  expect(ask([lag(40n)])).toEqual([]);
  expect(ask([lag(60n)])).toEqual([[0, 60]]);
  expect(shown(lag(50n))).toEqual([lag(50n)]);
});

test('takes the first offset that is stored where the commit lies below it', () => {
  const { look, ask } = cluster(1);
  look(100n);
  expect(ask([lag(40n, { start: 70n })])).toEqual([[0, 70]]);
});

test('leaves what is cold, shows nothing of it, and asks what could not be reported again', () => {
  const { look, ask, shown } = cluster(2);
  look(100n);
  expect(ask([lag(40n)], 'cold')).toEqual([[0, 40]]);
  expect(ask([lag(40n)])).toEqual([]);
  expect(shown(lag(40n))).toEqual([lag(40n)]);
  expect(ask([lag(40n, { partition: 1 })], 'unknown')).toEqual([[1, 40]]);
  expect(ask([lag(40n, { partition: 1 })])).toEqual([[1, 40]]);
});

test('asks twenty at a time, and comes to every partition', () => {
  const { look, ask } = cluster(50);
  look(100n);
  const lags = Array.from({ length: 50 }, (_, partition) => lag(40n, { partition }));
  const asked = Array.from({ length: 3 }, () => ask(lags));
  expect(asked.map(({ length }) => length)).toEqual([20, 20, 10]);
  expect(new Set(asked.flat().map(([partition]) => partition)).size).toBe(50);
});

test('comes to every partition though the first ones can never be reported', () => {
  const { look, ask } = cluster(50);
  look(100n);
  const lags = Array.from({ length: 50 }, (_, partition) => lag(40n, { partition }));
  const asked = Array.from({ length: 4 }, () => ask(lags, 'unknown')).flat();
  expect(new Set(asked.map(([partition]) => partition)).size).toBe(50);
});

test('begins again for a topic that was made again', () => {
  const { look, wanted } = cluster(1);
  look(100n);
  look(10n);
  expect(wanted(lag(20n, { end: 50n })).size).toBe(0);
  expect(wanted(lag(5n, { end: 50n })).size).toBe(1);
});

test('does not ask about commits that could not be read now, and keeps what it knows of them', () => {
  const { times, metadata, look, ask, shown } = cluster(2);
  look(100n);
  ask([lag(40n)]);
  const kept = { name: 'billing', partitions: [lag(40n), lag(40n, { partition: 1 })], commitsAgeSeconds: 30 };
  for (let snapshot = 0; snapshot < 5; snapshot++) expect(times.wanted([kept], metadata).size).toBe(0);
  expect(shown(lag(40n))).toEqual([lag(40n, { nextStoredAtMs: noon })]);
});

test('a partition that is away for a while keeps the age of its message, which may be too old by then to be asked', () => {
  const { look, ask, shown } = cluster(1);
  look(100n);
  ask([lag(40n)]);
  for (let snapshots = 0; snapshots < 19; snapshots++) ask([]);
  expect(ask([lag(40n)], 'cold')).toEqual([]);
  expect(shown(lag(40n))).toMatchObject([{ nextStoredAtMs: noon }]);
  for (let snapshots = 0; snapshots < 20; snapshots++) ask([]);
  expect(ask([lag(40n)], 'cold')).toEqual([[0, 40]]);
});

test('shows a group as it is, without a look at its lags, where nothing is known of its topics', () => {
  const { look, ask, times } = cluster(1);
  look(100n);
  ask([lag(40n)]);
  const partitions = {
    topics: ['payments'],
    [Symbol.iterator]: () => {
      throw new Error('gone through');
    },
  };
  const group = { name: 'shipping', partitions };
  expect(times.shown([group])).toEqual([group]);
});
