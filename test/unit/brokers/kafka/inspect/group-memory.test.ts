import { expect, test } from 'vitest';
import { createGroupMemory, type CoordinatorReading } from '../../../../../brokers/kafka/inspect/group-memory.ts';
import type { Ends } from '../../../../../brokers/kafka/inspect/lags.ts';

const endsAt = (end: bigint, topic = 'orders'): Ends =>
  new Map([[topic, new Map([[0, { topic, partition: 0, start: 0n, end }]])]]);

const coordinator = (name: string, committed?: bigint): CoordinatorReading => ({
  groups: [{ name, state: 'Stable', members: 1, assigned: [] }],
  ...(committed !== undefined && {
    commits: new Map([
      [name, [{ topic: 'orders', partitions: Int32Array.of(0), offsets: BigInt64Array.of(committed) }]],
    ]),
  }),
});
const nothing: CoordinatorReading = { groups: [] };
const silent: CoordinatorReading = {};

function memoryAt(time: { now: number }) {
  return createGroupMemory(() => time.now, 300);
}
const shown = (groups: ReturnType<ReturnType<typeof memoryAt>['compose']>) =>
  groups.map(({ name, partitions }) => ({
    name,
    lags: Array.from(partitions, ({ end, committed }) => [committed, end]),
  }));

test('a lag entry has commit and end, and an assigned partition without a commit has no commit', () => {
  const memory = memoryAt({ now: 0 });
  const reading: CoordinatorReading = {
    groups: [{ name: 'billing', assigned: [{ topic: 'orders', partitions: [0, 9] }] }],
    commits: new Map([['billing', []]]),
  };
  const [group] = memory.compose([reading], endsAt(10n));
  expect([...(group?.partitions ?? [])]).toEqual([{ topic: 'orders', partition: 0, start: 0n, end: 10n }]);
});

test('a group whose coordinator is silent is shown as last read, with the end offsets of that time', () => {
  const time = { now: 0 };
  const memory = memoryAt(time);
  memory.compose([coordinator('billing', 7n), nothing], endsAt(10n));
  time.now = 15;
  expect(shown(memory.compose([silent, nothing], endsAt(500n)))).toEqual([{ name: 'billing', lags: [[7n, 10n]] }]);
});

test('a group is removed when its last reading is too old', () => {
  const time = { now: 0 };
  const memory = memoryAt(time);
  memory.compose([coordinator('billing', 7n)], endsAt(10n));
  time.now = 200;
  expect(memory.compose([silent], endsAt(10n))).toHaveLength(1);
  time.now = 301;
  expect(memory.compose([silent], endsAt(10n))).toEqual([]);
});

test('groups whose commits were read longest ago come first', () => {
  const time = { now: 0 };
  const memory = memoryAt(time);
  const groups = ['a', 'b', 'c'].map((name) => ({ name }));
  const order = () => memory.oldestFirst(groups).map(({ name }) => name);
  expect(order()).toEqual(['a', 'b', 'c']);
  memory.compose([coordinator('a', 7n), coordinator('b', 7n), coordinator('c')], endsAt(10n));
  expect(order()).toEqual(['c', 'a', 'b']);
  time.now = 15;
  memory.compose([coordinator('a', 7n), coordinator('b'), coordinator('c', 7n)], endsAt(10n));
  expect(order()).toEqual(['b', 'a', 'c']);
});

test('a group is removed when all brokers answered twice and none listed it', () => {
  const memory = memoryAt({ now: 0 });
  memory.compose([coordinator('billing', 7n), nothing], endsAt(10n));
  const kept = memory.compose([nothing, nothing], endsAt(12n));
  expect(shown(kept)).toEqual([{ name: 'billing', lags: [[7n, 10n]] }]);
  expect(kept).toMatchObject([{ commitsAgeSeconds: 0, isUnlisted: true }]);
  expect(memory.compose([nothing, nothing], endsAt(12n))).toEqual([]);
});

test('a group that no broker lists is kept while its coordinators change', () => {
  const memory = memoryAt({ now: 0 });
  memory.compose([coordinator('billing', 7n), nothing], endsAt(10n), '1');
  for (const [seats, isUnlisted] of [
    ['nobody', false],
    ['2', false],
    ['2', true],
  ] as const) {
    expect(memory.compose([nothing, nothing], endsAt(10n), seats)).toMatchObject([{ isUnlisted }]);
  }
  expect(shown(memory.compose([nothing, coordinator('billing', 9n)], endsAt(12n), '2'))).toEqual([
    { name: 'billing', lags: [[9n, 12n]] },
  ]);
  memory.compose([nothing, nothing], endsAt(12n), '2');
  expect(memory.compose([nothing, nothing], endsAt(12n), '2')).toEqual([]);
});

test('a group that no broker lists is kept while a partition of __consumer_offsets has no leader', () => {
  const memory = memoryAt({ now: 0 });
  memory.compose([coordinator('billing', 7n), nothing], endsAt(10n), '1 2');
  for (let reading = 0; reading < 4; reading++) {
    expect(memory.compose([nothing, nothing], endsAt(10n), '1 nobody')).toMatchObject([{ isUnlisted: false }]);
  }
});

test('a group that no broker lists has no entry for a deleted topic', () => {
  const memory = memoryAt({ now: 0 });
  memory.compose([coordinator('billing', 7n)], endsAt(10n));
  expect(shown(memory.compose([nothing], endsAt(3n, 'another')))).toEqual([{ name: 'billing', lags: [] }]);
});

test('a group that moves to another coordinator is shown once, with its fresh reading', () => {
  const memory = memoryAt({ now: 0 });
  memory.compose([coordinator('billing', 7n), nothing], endsAt(10n));
  expect(shown(memory.compose([silent, coordinator('billing', 9n)], endsAt(12n)))).toEqual([
    { name: 'billing', lags: [[9n, 12n]] },
  ]);
});

test('if two coordinators list a group, the one with its members is used', () => {
  const memory = memoryAt({ now: 0 });
  const old: CoordinatorReading = { groups: [{ name: 'billing', state: 'Dead', assigned: [] }], commits: new Map() };
  for (const readings of [
    [old, coordinator('billing', 9n)],
    [coordinator('billing', 9n), old],
  ]) {
    const groups = memory.compose(readings, endsAt(12n));
    expect(groups).toMatchObject([{ name: 'billing', state: 'Stable', members: 1 }]);
    expect([...(groups[0]?.partitions ?? [])]).toHaveLength(1);
  }
});

test('if commits cannot be read, the previous ones are shown with the current state', () => {
  const memory = memoryAt({ now: 0 });
  memory.compose([coordinator('billing', 7n)], endsAt(10n));
  const [group] = memory.compose([coordinator('billing')], endsAt(500n));
  expect(group).toMatchObject({ state: 'Stable', partitions: [{ committed: 7n, end: 10n }] });
});

test('a partition does not count as uncommitted while the commits of its group cannot be read', () => {
  const time = { now: 0 };
  const memory = memoryAt(time);
  const unread: CoordinatorReading = {
    groups: [{ name: 'billing', assigned: [{ topic: 'orders', partitions: [0] }] }],
  };
  for (time.now = 0; time.now < 1000; time.now += 15) {
    expect(memory.compose([unread], endsAt(10n))).toMatchObject([{ name: 'billing', partitions: [] }]);
  }
});

test('if commits cannot be read, no entry is shown for a deleted topic', () => {
  const memory = memoryAt({ now: 0 });
  memory.compose([coordinator('billing', 7n)], endsAt(10n));
  expect(memory.compose([coordinator('billing')], endsAt(3n, 'another'))[0]?.partitions).toEqual([]);
});

test('a committed partition with an unknown end is kept, and a deleted partition is not', () => {
  const memory = memoryAt({ now: 0 });
  const committed = { topic: 'orders', partitions: Int32Array.of(0, 1, 9), offsets: BigInt64Array.of(1n, 2n, 3n) };
  const reading: CoordinatorReading = {
    groups: [{ name: 'billing', assigned: [] }],
    commits: new Map([['billing', [committed]]]),
  };
  const leaderless: Ends = new Map([
    [
      'orders',
      new Map([
        [0, { topic: 'orders', partition: 0, end: 10n }],
        [1, { topic: 'orders', partition: 1 }],
      ]),
    ],
  ]);
  const unread = () => new Map([['orders', [{ partition: 1, committed: 2n }]]]);
  expect(memory.compose([reading], leaderless)[0]?.withoutEnd).toEqual(unread());
  expect(memory.compose([silent], leaderless)[0]?.withoutEnd).toEqual(unread());
  expect(memory.compose([reading], endsAt(10n))[0]).not.toHaveProperty('withoutEnd');
});
