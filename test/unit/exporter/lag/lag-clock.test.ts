import { expect, test } from 'vitest';
import type { Section } from '../../../../brokers/snapshot.ts';
import { noon, partition, snapshotOf, at, watching } from '../../../support/watched-lag.ts';

test('a group at the end of the log has caught up, from the first reading on', () =>
  expect(watching().see(0, at(100n, 100n))).toEqual({ seconds: 0, method: 'caught-up', ageSeconds: 0 }));

test('a group whose next message is older than the history has no time lag', () =>
  expect(watching().see(0, at(100n, 40n))).toBeUndefined());

test('the lag of a group is the age of its next message, and grows while the group does not move', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  expect(see(30, at(300n, 149n))).toEqual({ seconds: 60, method: 'interpolated', ageSeconds: 0 });
  expect(see(600, at(400n, 149n))).toMatchObject({ seconds: 660 });
});

test('the lag of a fully consumed idle topic stays 0', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  expect(see(86_400, at(100n, 100n))).toMatchObject({ seconds: 0, method: 'caught-up' });
});

test('messages deleted by retention have no age, so the oldest remaining message counts', () => {
  const { see } = watching();
  see(0, at(100n, 100n, { start: 0n }));
  see(60, at(200n, 100n, { start: 0n }));
  see(60, at(300n, 100n, { start: 0n }));
  expect(see(60, at(400n, 100n, { start: 299n }))).toMatchObject({ seconds: 60, method: 'interpolated' });
});

test('a topic emptied by retention has no lag, however old the commit is', () =>
  // kafka-lag-exporter 37, 45
  expect(watching().see(0, at(400n, 100n, { start: 400n }))).toMatchObject({ seconds: 0, method: 'caught-up' }));

test('a re-created topic starts a new history, even if the new log is already longer', () => {
  const { see } = watching();
  see(0, at(100n, 100n), { topicId: 'old' });
  expect(see(60, at(500n, 100n), { topicId: 'new' })).toBeUndefined();
  expect(see(60, at(500n, 500n), { topicId: 'new' })).toMatchObject({ seconds: 0 });
});

test('uses the store time of the last consumed message if the history does not reach back far enough', () =>
  expect(watching().see(0, at(100n, 40n, { consumedStoredAtMs: noon - 90_000 }))).toEqual({
    seconds: 90,
    method: 'store-time',
    ageSeconds: 0,
  }));

test('uses the store time of the last consumed message if it is between the same two readings as the next', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  expect(see(30, at(300n, 149n, { consumedStoredAtMs: noon + 20_000 }))).toMatchObject({ seconds: 70 });
});

test('uses the timestamp of the next message first, if it was read', () => {
  const { see } = watching();
  see(0, at(100n, 40n));
  expect(see(60, at(200n, 150n, { nextStoredAtMs: noon + 50_000 }))).toEqual({
    seconds: 10,
    method: 'store-time',
    ageSeconds: 0,
  });
});

test('an idle hour before the next message does not count as its age', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(3600, at(100n, 100n));
  expect(see(30, at(101n, 100n, { consumedStoredAtMs: noon - 1000 }))).toEqual({
    seconds: 0,
    method: 'interpolated',
    ageSeconds: 0,
  });
});

test('a step of the wall clock changes neither a lag nor the history', () => {
  const { see, step } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  step(7200);
  expect(see(60, at(300n, 199n))).toMatchObject({ seconds: 60 });
  step(-9000);
  expect(see(60, at(400n, 199n))).toMatchObject({ seconds: 120 });
});

test("the age of a lag is that of the leader's readings, and ends are dated by when they were read", () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  const sections: Section[] = [
    { section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 40 },
    { section: 'offsets', broker: '2', kind: 'kept', ageSeconds: 250 },
  ];
  expect(see(100, at(200n, 199n), { sections })).toEqual({ seconds: 40, method: 'interpolated', ageSeconds: 40 });
});

test('a commit beyond a kept, older end does not show that the group has caught up', () => {
  const { see } = watching();
  see(0, at(100n, 50n));
  const sections: Section[] = [{ section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 30 }];
  expect(see(30, at(100n, 140n), { sections })).toBeUndefined();
  expect(see(1, at(100n, 100n), { sections })).toMatchObject({ method: 'caught-up' });
});

test('a commit beyond the end of a re-created topic does not show that the group has caught up', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  expect(see(60, at(5n, 100n))).toBeUndefined();
  expect(see(60, at(5n, 5n))).toMatchObject({ seconds: 0, method: 'caught-up' });
});

test('reports the age of the commits of a Kafka group, regardless of other coordinators', () => {
  const { see } = watching();
  const sections: Section[] = [{ section: 'commits', broker: '1', kind: 'kept', ageSeconds: 70 }];
  expect(see(0, at(200n, 200n), { sections })).toMatchObject({ ageSeconds: 0 });
  expect(see(0, at(200n, 200n), { sections, commitsAgeSeconds: 30 })).toMatchObject({ ageSeconds: 30 });
});

test('a group that is shown with kept values and older ends does not reset the history', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  const offsets = [{ ...partition, end: 300n }];
  expect(see(60, at(200n, 149n), { offsets, commitsAgeSeconds: 60 })).toMatchObject({
    seconds: 90,
    method: 'interpolated',
  });
  expect(see(60, at(400n, 349n))).toMatchObject({ seconds: 30 });
});

test('counts lags that would be negative', () => {
  const { lagClock } = watching();
  lagClock.observe(snapshotOf([at(100n, 100n)]));
  expect(lagClock.observe(snapshotOf([at(5n, 40n)])).clampedTotal).toBe(1);
  expect(lagClock.observe(snapshotOf([at(5n, 40n)])).clampedTotal).toBe(2);
});

test('queues with the same id on different brokers are kept separate', () => {
  const { lagClock, pass } = watching();
  const [a, b] = [at(100n, 100n, { brokerName: 'broker-a' }), at(900n, 900n, { brokerName: 'broker-b' })];
  lagClock.observe(snapshotOf([a, b]));
  pass(60);
  const later = [at(200n, 199n, { brokerName: 'broker-a' }), at(1000n, 900n, { brokerName: 'broker-b' })];
  const times = lagClock.observe(snapshotOf(later));
  expect(later.map((lag) => times.of('billing', lag)?.seconds)).toEqual([0, 59.4]);
});

test('messages stored while the exporter did not read the cluster for days have no time', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(200n, 100n));
  expect(see(3 * 86_400, at(900n, 500n))).toBeUndefined();
  expect(see(30, at(1000n, 949n))).toMatchObject({ seconds: 15, method: 'interpolated' });
});

test('a group before a transaction marker has caught up, and lags from the next message on', () => {
  const { see } = watching();
  see(0, at(100n, 100n));
  see(60, at(102n, 101n));
  // The last offset is the marker: there is no message to read.
  expect(see(900, at(102n, 101n, { nextMessageOffset: 102n }))).toMatchObject({ seconds: 0, method: 'caught-up' });
  see(30, at(104n, 101n, { nextMessageOffset: 102n }));
  expect(see(60, at(104n, 101n, { nextMessageOffset: 102n }))).toEqual({
    seconds: 75,
    method: 'interpolated',
    ageSeconds: 0,
  });
});

test('an open transaction is as old as its first message, or as the first reading of it, consumed or not', () => {
  const { lagClock, pass } = watching();
  const ageOf = (after: number, end: bigint, lastStable: bigint) => {
    pass(after);
    const offset = { ...partition, end, lastStable };
    return lagClock.observe(snapshotOf([], { offsets: [offset] })).openTransactionSeconds(offset);
  };
  expect(ageOf(0, 100n, 100n)).toBe(0);
  expect(ageOf(60, 100n, 90n)).toBe(0);
  expect(ageOf(60, 200n, 90n)).toBe(60);
  expect(ageOf(60, 300n, 149n)).toBe(90);
  expect(ageOf(60, 300n, 300n)).toBe(0);
});

test('the age of an open transaction is unknown before its end was recorded', () => {
  const { lagClock } = watching();
  const offset = { ...partition, end: 100n, lastStable: 90n };
  const times = lagClock.observe(snapshotOf([], { offsets: [] }));
  expect(times.openTransactionSeconds(offset)).toBeUndefined();
});
