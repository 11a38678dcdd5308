import { describe, expect, test } from 'vitest';
import { logGrowth, observeLogs, type KnownLogs } from '../../../../brokers/delta/log-growth.ts';
import type { TimedSnapshot } from '../../../../brokers/delta/reading-times.ts';
import type { ClusterSnapshot, Section } from '../../../../brokers/snapshot.ts';

interface Log {
  topic?: string;
  id?: string;
  brokerName?: string;
  leader?: string;
  start?: bigint;
  end?: bigint;
}

/** One partition of each topic. */
function at(atSeconds: number, logs: readonly Log[], sections: readonly Section[] = []): TimedSnapshot {
  const placed = logs.map(({ topic = 'orders', brokerName, leader, ...log }) => ({
    ...log,
    place: { topic, partition: 0, ...(brokerName !== undefined && { brokerName }) },
    led: leader === undefined ? {} : { leader },
  }));
  const snapshot: ClusterSnapshot = {
    cluster: { name: 'lab', kind: 'kafka', brokers: [] },
    topics: placed.map(({ place, led, id }) => ({
      name: place.topic,
      ...(id !== undefined && { id }),
      internal: false,
      partitions: [{ ...place, ...led, replicas: [], inSyncReplicas: [] }],
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

/** Of the last of them, against what was known after the one before. */
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

test('a log grows by how far its end moved', () => {
  const growth = lastGrowth(at(0, [{ ...led, end: 5n }]), at(10, [{ ...led, end: 25n }]));
  expect(growth).toEqual([{ topic: 'orders', partition: 0, leader: '1', kind: 'known', messages: 20, seconds: 10 }]);
});

test('a kept end is no reading, and the next one counts from when the kept one was read', () => {
  const first = at(0, [{ ...led, end: 5n }], [offsets('fresh', 0)]);
  const kept = at(10, [{ ...led, end: 5n }], [offsets('kept', 10.2)]);
  expect(lastGrowth(first, kept)).toMatchObject([{ kind: 'unknown', reason: 'not-read' }]);
  const next = at(20, [{ ...led, end: 45n }], [offsets('fresh', 0)]);
  expect(lastGrowth(first, kept, next)).toMatchObject([{ messages: 40, seconds: 20 }]);
  expect(lastGrowth(kept, next)).toMatchObject([{ messages: 40, seconds: 20.2 }]);
});

test('an end that is missing once is counted from the last known one', () => {
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

describe('a log that was not listed before', () => {
  const fresh: Log = { topic: 'fresh', leader: '1', start: 10n, end: 40n };
  const growthOfFresh = (before: TimedSnapshot) =>
    lastGrowth(before, at(5, [{ ...led, end: 1n }, fresh])).filter(({ topic }) => topic === 'fresh');

  test('counts from its first offset', () => {
    expect(growthOfFresh(at(0, [{ ...led, end: 1n }]))).toMatchObject([{ messages: 30, seconds: 5 }]);
  });

  test('has no known growth when the list before was missing or empty', () => {
    const without = at(0, [{ ...led, end: 1n }], [{ section: 'metadata', kind: 'missing' }]);
    for (const before of [without, at(0, [])]) {
      expect(growthOfFresh(before)).toMatchObject([{ reason: 'first-reading' }]);
    }
  });

  test('has no known growth on a RocketMQ broker whose topics were not listed', () => {
    const queue: Log = { ...led, brokerName: 'broker-b', end: 1_000_000n };
    const before = at(0, [{ ...led, brokerName: 'broker-a', end: 1n }]);
    expect(lastGrowth(before, at(5, [queue]))).toMatchObject([{ reason: 'first-reading' }]);
  });

  test('is not new when an earlier list had it and a stale one lacks it', () => {
    const known = { ...led, end: 700n };
    const other = { ...led, topic: 'pay', end: 1n };
    const growth = lastGrowth(at(0, [known, other]), at(5, [other]), at(10, [{ ...known, end: 710n }, other]));
    expect(growth.find(({ topic }) => topic === 'orders')).toMatchObject({ messages: 10, seconds: 10 });
  });
});
