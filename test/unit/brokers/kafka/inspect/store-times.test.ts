import { expect, test } from 'vitest';
import type { ConsumerLag } from '../../../../../core/cluster.ts';
import { createStoreTimes } from '../../../../../brokers/kafka/inspect/store-times.ts';

const noon = Date.UTC(2026, 0, 1, 12);

function cluster(partitions: number, { hasTransactions = false } = {}) {
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
      ...(hasTransactions ? [{ name: '__transaction_state', internal: true, partitions: [] }] : []),
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
    /** Records that the broker reported a marker at `offset` that ends before `until`. */
    readMarker: (offset: bigint, until: bigint) =>
      times.learn([{ topic: 'orders', partition: 0, offset }], [{ kind: 'control', until }]),
    /** Returns requests in order and records the broker's responses. */
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

test('requests the first unread message of a group from its leader if it existed at the first snapshot', () => {
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
])('requests nothing if %s', (_, each) => {
  const { look, wanted } = cluster(1);
  look(100n);
  expect(wanted(each).size).toBe(0);
});

test('requests once while the commit of a group does not move, and again when it moves', () => {
  const { look, ask, shown } = cluster(1);
  look(100n);
  expect(ask([lag(40n)])).toEqual([[0, 40]]);
  expect(shown(lag(40n))).toEqual([lag(40n, { nextStoredAtMs: noon })]);
  expect(ask([lag(40n)])).toEqual([]);
  expect(ask([lag(60n)])).toEqual([[0, 60]]);
  expect(shown(lag(50n))).toEqual([lag(50n)]);
});

test('requests the first stored offset if the commit is below it', () => {
  const { look, ask } = cluster(1);
  look(100n);
  expect(ask([lag(40n, { start: 70n })])).toEqual([[0, 70]]);
});

test('a message on cold storage is not requested again and has no time; an unknown one is requested again', () => {
  const { look, ask, shown } = cluster(2);
  look(100n);
  expect(ask([lag(40n)], 'cold')).toEqual([[0, 40]]);
  expect(ask([lag(40n)])).toEqual([]);
  expect(shown(lag(40n))).toEqual([lag(40n)]);
  expect(ask([lag(40n, { partition: 1 })], 'unknown')).toEqual([[1, 40]]);
  expect(ask([lag(40n, { partition: 1 })])).toEqual([[1, 40]]);
});

test('requests twenty messages at a time and reaches every partition', () => {
  const { look, ask } = cluster(50);
  look(100n);
  const lags = Array.from({ length: 50 }, (_, partition) => lag(40n, { partition }));
  const asked = Array.from({ length: 3 }, () => ask(lags));
  expect(asked.map(({ length }) => length)).toEqual([20, 20, 10]);
  expect(new Set(asked.flat().map(([partition]) => partition)).size).toBe(50);
});

test('reaches every partition even if the first ones never get an answer', () => {
  const { look, ask } = cluster(50);
  look(100n);
  const lags = Array.from({ length: 50 }, (_, partition) => lag(40n, { partition }));
  const asked = Array.from({ length: 4 }, () => ask(lags, 'unknown')).flat();
  expect(new Set(asked.map(([partition]) => partition)).size).toBe(50);
});

test('starts again for a re-created topic', () => {
  const { look, wanted } = cluster(1);
  look(100n);
  look(10n);
  expect(wanted(lag(20n, { end: 50n })).size).toBe(0);
  expect(wanted(lag(5n, { end: 50n })).size).toBe(1);
});

test('requests nothing for commits that cannot be read now, and keeps the known times', () => {
  const { times, metadata, look, ask, shown } = cluster(2);
  look(100n);
  ask([lag(40n)]);
  const kept = { name: 'billing', partitions: [lag(40n), lag(40n, { partition: 1 })], commitsAgeSeconds: 30 };
  for (let snapshot = 0; snapshot < 5; snapshot++) expect(times.wanted([kept], metadata).size).toBe(0);
  expect(shown(lag(40n))).toEqual([lag(40n, { nextStoredAtMs: noon })]);
});

test('a partition that is absent for a few snapshots keeps the time of its message', () => {
  const { look, ask, shown } = cluster(1);
  look(100n);
  ask([lag(40n)]);
  for (let snapshots = 0; snapshots < 19; snapshots++) ask([]);
  expect(ask([lag(40n)], 'cold')).toEqual([]);
  expect(shown(lag(40n))).toMatchObject([{ nextStoredAtMs: noon }]);
  for (let snapshots = 0; snapshots < 20; snapshots++) ask([]);
  expect(ask([lag(40n)], 'cold')).toEqual([[0, 40]]);
});

test('a group whose topics have no known times is returned without iterating its lags', () => {
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

const placesOf = (wanted: ReadonlyMap<string, readonly object[]>) => [...wanted.values()].flat();

test('with transactions, requests the last messages of an idle partition even if the end history has their time', () => {
  const { look, wanted } = cluster(1, { hasTransactions: true });
  look(100n);
  look(200n);
  expect(wanted(lag(199n, { end: 200n })).size).toBe(0);
  look(200n);
  expect(placesOf(wanted(lag(199n, { end: 200n })))).toEqual([
    expect.objectContaining({ topic: 'orders', partition: 0, offset: 199n, isTail: true }),
  ]);
  // More messages behind than a transaction has markers.
  expect(wanted(lag(187n, { end: 200n })).size).toBe(0);
  expect(placesOf(wanted(lag(188n, { end: 200n })))).toHaveLength(1);
});

test('without transactions no message is requested that end history can date', () => {
  const { look, wanted } = cluster(1);
  for (const end of [100n, 200n, 200n]) look(end);
  expect(wanted(lag(199n, { end: 200n })).size).toBe(0);
});

test('after a restart the last message of an idle topic is requested, however old it is', () => {
  const { look, wanted } = cluster(2, { hasTransactions: true });
  look(100n);
  expect(placesOf(wanted(lag(99n), lag(40n, { partition: 1 })))).toEqual([
    expect.objectContaining({ partition: 0, isTail: true }),
    expect.not.objectContaining({ isTail: true }),
  ]);
});

test('a marker is read once, and a group that stopped before it continues at the next offset', () => {
  const { look, wanted, readMarker, shown } = cluster(1, { hasTransactions: true });
  look(100n);
  readMarker(99n, 100n);
  for (let snapshot = 0; snapshot < 30; snapshot++) expect(wanted(lag(99n)).size).toBe(0);
  expect(shown(lag(99n))).toEqual([lag(99n, { nextMessageOffset: 100n })]);
  expect(shown(lag(98n))).toEqual([lag(98n)]);
  // A message and its marker follow.
  look(102n);
  expect(shown(lag(99n, { end: 102n }))).toEqual([lag(99n, { end: 102n, nextMessageOffset: 100n })]);
});

test('a message of an open transaction is requested once more after the transaction has ended', () => {
  const { times, look, wanted, shown } = cluster(1, { hasTransactions: true });
  look(102n);
  const open = lag(100n, { end: 102n, lastStable: 100n });
  const place = { topic: 'orders', partition: 0, offset: 100n, isTail: true };
  expect(placesOf(wanted(open))).toEqual([{ ...place, leader: '1' }]);
  times.learn([place], [{ kind: 'stored', atMs: noon }]);
  expect(shown(open)).toEqual([{ ...open, nextStoredAtMs: noon }]);
  expect(wanted(open).size).toBe(0);
  look(103n);
  const aborted = lag(100n, { end: 103n, lastStable: 103n });
  expect(placesOf(wanted(aborted))).toEqual([{ ...place, isStable: true, leader: '1' }]);
  times.learn([{ ...place, isStable: true }], [{ kind: 'control', until: 103n }]);
  expect(shown(aborted)).toEqual([{ ...aborted, nextMessageOffset: 103n }]);
  expect(wanted(aborted).size).toBe(0);
});

test('a marker stays known after retention deleted it, but not if messages were deleted too', () => {
  const { look, readMarker, shown } = cluster(1, { hasTransactions: true });
  look(100n);
  readMarker(99n, 100n);
  const emptied = lag(99n, { start: 100n });
  expect(shown(emptied)).toEqual([{ ...emptied, nextMessageOffset: 100n }]);
  const lost = lag(99n, { start: 110n, end: 120n });
  expect(shown(lost)).toEqual([lost]);
});

test('a message after a marker is dated as the next message of the group', () => {
  const { look, wanted, readMarker, times, shown } = cluster(1, { hasTransactions: true });
  look(120n);
  readMarker(99n, 100n);
  const asked = placesOf(wanted(lag(99n, { end: 120n })));
  expect(asked).toEqual([expect.objectContaining({ offset: 100n })]);
  times.learn([{ topic: 'orders', partition: 0, offset: 100n }], [{ kind: 'stored', atMs: noon }]);
  expect(shown(lag(99n, { end: 120n }))).toMatchObject([{ nextMessageOffset: 100n, nextStoredAtMs: noon }]);
});

test('an end that moved back drops everything known about the log', () => {
  const { look, readMarker, shown } = cluster(1, { hasTransactions: true });
  look(90n);
  look(100n);
  readMarker(99n, 100n);
  look(95n);
  look(100n);
  expect(shown(lag(99n))).toEqual([lag(99n)]);
});

test('an idle partition is read even if many others keep ending transactions', () => {
  const { times, look, wanted } = cluster(501, { hasTransactions: true });
  const quiet = 500;
  const read = new Set<number>();
  look(0n);
  for (let snapshot = 0; snapshot < 40; snapshot++) {
    // Each busy partition moves in every third snapshot.
    const ends = Array.from({ length: 501 }, (_, partition) =>
      partition === quiet ? 100n : 1000n + 2n * BigInt(Math.floor((snapshot + partition) / 3)),
    );
    times.observe(ends.map((end, partition) => ({ topic: 'orders', partition, start: 0n, end })));
    const lags = ends.map((end, partition) => lag(end - 1n, { partition, end }));
    const asked = [...wanted(...lags).values()].flat();
    times.learn(
      asked,
      asked.map(({ offset }) => ({ kind: 'control', until: offset + 1n })),
    );
    for (const { partition } of asked) read.add(partition);
  }
  expect(read.has(quiet)).toBe(true);
});
