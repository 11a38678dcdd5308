import { describe, expect, test } from 'vitest';
import { logGrowth, observeLogs, type KnownLogs } from '../../../../brokers/delta/log-growth.ts';
import type { TimedSnapshot } from '../../../../brokers/delta/reading-times.ts';
import type { ClusterSnapshot, Section } from '../../../../brokers/snapshot.ts';

interface Log {
  topic?: string;
  partition?: number;
  id?: string;
  brokerName?: string;
  leader?: string;
  start?: bigint;
  end?: bigint;
}

function at(atSeconds: number, logs: readonly Log[], sections: readonly Section[] = []): TimedSnapshot {
  const placed = logs.map(({ topic = 'orders', partition = 0, brokerName, leader, ...log }) => ({
    ...log,
    place: { topic, partition, ...(brokerName !== undefined && { brokerName }) },
    led: leader === undefined ? {} : { leader },
  }));
  const byTopic = Map.groupBy(placed, ({ place }) => place.topic);
  const snapshot: ClusterSnapshot = {
    cluster: { name: 'lab', kind: 'kafka', brokers: [] },
    topics: Array.from(byTopic, ([name, own]) => ({
      name,
      ...(own[0]?.id !== undefined && { id: own[0].id }),
      internal: false,
      partitions: own.map(({ place, led }) => ({ ...place, ...led, replicas: [], inSyncReplicas: [] })),
    })),
    offsets: placed.map(({ place, start, end }) => ({
      ...place,
      ...(start !== undefined && { start }),
      ...(end !== undefined && { end }),
    })),
    groups: [],
    sections,
  };
  return { atSeconds, snapshot };
}

/** Returns the growth in the last snapshot, relative to what was known after the one before. */
function lastGrowth(...snapshots: TimedSnapshot[]) {
  let [before, after]: (KnownLogs | undefined)[] = [];
  for (const snapshot of snapshots) [before, after] = [after, observeLogs(snapshot, after)];
  return [...logGrowth(before as KnownLogs, after as KnownLogs)];
}
const offsets = (kind: Section['kind'], ageSeconds?: number): Section => ({
  section: 'offsets',
  broker: '1',
  kind,
  ...(ageSeconds !== undefined && { ageSeconds }),
});
const led = { leader: '1', start: 0n };

test('a log grows by the increase of its end offset', () => {
  const growth = lastGrowth(at(0, [{ ...led, end: 5n }]), at(10, [{ ...led, end: 25n }]));
  expect(growth).toEqual([{ topic: 'orders', partition: 0, leader: '1', kind: 'known', messages: 20, seconds: 10 }]);
});

test("a kept end offset has no growth, and the next fresh one counts from the kept one's reading time", () => {
  const first = at(0, [{ ...led, end: 5n }], [offsets('fresh', 0)]);
  const kept = at(10, [{ ...led, end: 5n }], [offsets('kept', 10.2)]);
  expect(lastGrowth(first, kept)).toMatchObject([{ kind: 'unknown', reason: 'not-read' }]);
  const next = at(20, [{ ...led, end: 45n }], [offsets('fresh', 0)]);
  expect(lastGrowth(first, kept, next)).toMatchObject([{ messages: 40, seconds: 20 }]);
  expect(lastGrowth(kept, next)).toMatchObject([{ messages: 40, seconds: 20.2 }]);
});

test('an end offset that is missing once is counted from the last known one', () => {
  const growth = lastGrowth(at(0, [{ ...led, end: 900n }]), at(5, [led]), at(10, [{ ...led, end: 930n }]));
  expect(growth).toMatchObject([{ messages: 30, seconds: 10 }]);
});

test.for([
  ['whose first reading was missing', [at(0, [led]), at(5, [{ ...led, end: 930n }])], 'first-reading'],
  [
    'that is another topic under the same name',
    [at(0, [{ ...led, id: 'a', end: 9n }]), at(5, [{ ...led, id: 'b', end: 50n }])],
    're-created',
  ],
  ['that lost its end', [at(0, [{ ...led, end: 9n }]), at(5, [{ ...led, end: 3n }])], 're-created'],
  ['without a leader', [at(0, [{ ...led, end: 9n }]), at(5, [{ start: 0n }])], 'no-leader'],
  ['that is new and has no leader', [at(0, []), at(5, [{ start: 0n }])], 'no-leader'],
  ['that is new and was not read', [at(0, []), at(5, [led])], 'not-read'],
] as const)('a log %s has no known growth', ([, snapshots, reason]) => {
  expect(lastGrowth(...snapshots)).toMatchObject([{ kind: 'unknown', reason }]);
});

test('a re-created log that is read later starts from its first reading', () => {
  const growth = lastGrowth(
    at(0, [{ ...led, id: 'a', end: 9n }]),
    at(5, [{ ...led, id: 'b' }]),
    at(10, [{ ...led, id: 'b', end: 70n }]),
  );
  expect(growth).toMatchObject([{ kind: 'unknown', reason: 'first-reading' }]);
});

describe('a log that is missing from the previous snapshot', () => {
  const orders = (partitions: number, end: bigint): Log[] =>
    Array.from({ length: partitions }, (_, partition) => ({ ...led, id: 'a', partition, end }));
  const visible: Log = { topic: 'visible', leader: '1', start: 4_000_000_000n, end: 5_200_000_000n };
  const growthOf = (topic: string, before: TimedSnapshot, log: Log) =>
    lastGrowth(before, at(5, [...orders(1, 9n), log])).filter((each) => each.topic === topic);

  test('has no known growth, because it may have become visible with old messages', () => {
    for (const start of [0n, 4_000_000_000n]) {
      const growth = growthOf('visible', at(0, orders(1, 1n)), { ...visible, start });
      expect(growth).toMatchObject([{ kind: 'unknown', reason: 'first-reading' }]);
    }
  });

  test('has a growth of 0 while it is empty', () => {
    expect(growthOf('visible', at(0, orders(1, 1n)), { ...visible, start: 0n, end: 0n })).toMatchObject([
      { messages: 0, seconds: 5 },
    ]);
  });

  test('counts from offset 0 if it is a partition added to a known topic', () => {
    expect(lastGrowth(at(0, orders(1, 10n)), at(5, orders(2, 30n)))).toMatchObject([
      { partition: 0, messages: 20, seconds: 5 },
      { partition: 1, messages: 30, seconds: 5 },
    ]);
  });

  test.for(['missing', 'kept'] as const)('has no known growth if the previous metadata was %s', (kind) => {
    const before = at(0, orders(1, 10n), [{ section: 'metadata', kind }]);
    expect(lastGrowth(before, at(5, orders(2, 30n)))).toMatchObject([{ messages: 20 }, { reason: 'first-reading' }]);
  });

  test('has no known growth if it is a RocketMQ queue, because closed queues keep their messages', () => {
    const queue = (partition: number, end: bigint): Log => ({ ...led, brokerName: 'broker-a', partition, end });
    const growth = lastGrowth(at(0, [queue(0, 1n)]), at(5, [queue(0, 1n), queue(1, 1_000_000n)]));
    expect(growth).toMatchObject([{ messages: 0 }, { reason: 'first-reading' }]);
  });

  test('is not new if an earlier snapshot had it and a stale one lacks it', () => {
    const known = { ...led, end: 700n };
    const other = { ...led, topic: 'pay', end: 1n };
    const growth = lastGrowth(at(0, [known, other]), at(5, [other]), at(10, [{ ...known, end: 710n }, other]));
    expect(growth.find(({ topic }) => topic === 'orders')).toMatchObject({ messages: 10, seconds: 10 });
  });
});
