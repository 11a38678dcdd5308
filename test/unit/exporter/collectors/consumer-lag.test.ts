import { expect, test } from 'vitest';
import type { GroupSnapshot, Section } from '../../../../brokers/snapshot.ts';
import type { ConsumerLag } from '../../../../core/cluster.ts';
import { consumerLag } from '../../../../exporter/collectors/consumer-lag.ts';
import type { LagTime } from '../../../../exporter/lag/lag-times.ts';

const partition = (number: number, over: Partial<ConsumerLag>): ConsumerLag => ({
  topic: 'orders',
  partition: number,
  start: 0n,
  end: 100n,
  ...over,
});

interface Situation {
  /** By partition; undefined is unknown. */
  times?: readonly (LagTime | undefined)[];
  unread?: boolean;
  /** Committed partitions without a known end. */
  withoutEnd?: number;
  /** The first of them; 0 by default. */
  firstWithoutEnd?: number;
  kind?: GroupSnapshot['kind'];
  sections?: readonly Section[];
}

/** Values of group billing in topic orders, whose two partitions were both read by default. */
function measure(partitions: readonly ConsumerLag[], situation: Situation = {}) {
  const { times, unread = false, withoutEnd, firstWithoutEnd = 0, kind, sections = [] } = situation;
  const collection = consumerLag.collect({
    snapshot: {
      cluster: { name: 'lab', kind: 'kafka', brokers: [] },
      topics: [
        {
          name: 'orders',
          internal: false,
          partitions: [0, 1].map((number) => ({
            topic: 'orders',
            partition: number,
            leader: '1',
            replicas: [],
            inSyncReplicas: [],
          })),
        },
      ],
      offsets: [0, 1].slice(unread ? 1 : 0).map((number) => ({ topic: 'orders', partition: number, end: 100n })),
      groups: [
        {
          name: 'billing',
          partitions,
          ...(kind !== undefined && { kind }),
          ...(withoutEnd !== undefined && {
            withoutEnd: new Map([
              [
                'orders',
                Array.from({ length: withoutEnd }, (_, index) => ({
                  partition: firstWithoutEnd + index,
                  committed: 1n,
                })),
              ],
            ]),
          }),
        },
      ],
      sections,
    },
    ...(times !== undefined && {
      lagTimes: { of: (_, lag) => times[lag.partition], openTransactionSeconds: () => undefined, clampedTotal: 3 },
    }),
  });
  const values = new Map<string, number | bigint>();
  for (const { metric, labels, value } of collection.measurements) {
    const name = metric.replace('plimsoll_consumergroup_', '');
    values.set([name, ...labels.filter((label) => label !== 'billing' && label !== 'orders')].join(' '), value);
  }
  return values;
}

const interpolated = (seconds: number, ageSeconds = 0): LagTime => ({ seconds, method: 'interpolated', ageSeconds });
const caughtUp: LagTime = { seconds: 0, method: 'caught-up', ageSeconds: 0 };
const behind = [partition(0, { committed: 40n }), partition(1, { committed: 100n })];

test('exports the lag in seconds of each partition, and the maximum of the topic', () => {
  const values = measure(behind, { times: [interpolated(12.5), caughtUp] });
  expect(values.get('lag_seconds 0')).toBe(12.5);
  expect(values.get('lag_seconds 1')).toBe(0);
  expect(values.get('lag_max_seconds')).toBe(12.5);
});

test('while one time lag is unknown there is no maximum, and unknown partitions are counted', () => {
  const values = measure(behind, { times: [undefined, caughtUp] });
  expect(values.has('lag_seconds 0')).toBe(false);
  expect(values.has('lag_max_seconds')).toBe(false);
  expect(values.get('lag_method_partitions unknown')).toBe(1);
  expect(values.get('lag_method_partitions caught-up')).toBe(1);
});

test('a committed partition without a leader counts as unknown, so that the documented alert fires', () => {
  const one = measure(behind.slice(1), { times: [undefined, caughtUp], unread: true, withoutEnd: 1 });
  expect(one.get('lag_method_partitions unknown')).toBe(1);
  expect(one.get('partitions unread')).toBe(1);
  const all = measure([], { times: [], unread: true, withoutEnd: 2 });
  expect(all.get('lag_method_partitions unknown')).toBe(2);
  expect(all.has('lag_age_seconds')).toBe(false);
  expect(all.has('lag_max_seconds')).toBe(false);
});

test('exports the age of the oldest reading', () => {
  expect(measure(behind, { times: [interpolated(5, 40), caughtUp] }).get('lag_age_seconds')).toBe(40);
  expect(measure(behind, { times: [undefined, caughtUp] }).get('lag_age_seconds')).toBe(0);
});

test('a RocketMQ queue is labelled with its broker and queue id', () => {
  const values = measure([partition(0, { committed: 40n, brokerName: 'broker-a' })], { times: [interpolated(7)] });
  expect(values.get('queue_lag_seconds broker-a 0')).toBe(7);
  expect(values.has('lag_seconds 0')).toBe(false);
});

test('counts partitions by state, lost messages, and messages that can still be read', () => {
  const values = measure([partition(0, { committed: 40n, start: 70n }), partition(1, {})]);
  expect(values).toEqual(
    new Map<string, number | bigint>([
      ['partitions uncommitted', 1],
      ['partitions ok', 0],
      ['partitions beyond-end', 0],
      ['partitions lost', 1],
      ['partitions unread', 0],
      ['consumable_lag_messages', 30n],
      ['lost_messages', 30n],
    ]),
  );
});

test('a partition with messages that Kafka does not list for the group counts as uncommitted', () => {
  const values = measure([partition(0, { committed: 40n })]);
  expect([values.get('partitions ok'), values.get('partitions uncommitted')]).toEqual([1, 1]);
  const withUnread = measure([partition(1, { committed: 40n })], { unread: true, withoutEnd: 1 });
  expect(withUnread.get('partitions uncommitted')).toBe(0);
  // As `plimsoll get groups` counts a group that has committed nowhere.
  expect(measure([partition(0, {})]).get('partitions uncommitted')).toBe(1);
});

test('kept commits count as such, although their partitions were empty or unreadable at the time', () => {
  const kept = [partition(0, { committed: 0n, end: 0n })];
  expect(measure(kept, { withoutEnd: 1, firstWithoutEnd: 1 }).get('partitions uncommitted')).toBe(0);
});

test('a commit beyond the end of a re-created topic has a separate state, and sums are unknown', () => {
  const values = measure([
    partition(0, { end: 5n, committed: 40n, start: 0n }),
    partition(1, { committed: 90n, start: 0n }),
  ]);
  expect([values.get('partitions beyond-end'), values.get('partitions ok')]).toEqual([1, 1]);
  expect(values.has('consumable_lag_messages')).toBe(false);
});

test('a commit beyond a kept, older end does not count as one of a re-created topic', () => {
  const sections: Section[] = [{ section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 30 }];
  const values = measure([partition(0, { end: 5n, committed: 40n })], { sections });
  expect([values.get('partitions unread'), values.get('partitions beyond-end')]).toEqual([1, 0]);
});

test('a group without commits has only states', () =>
  expect([...measure([partition(0, {}), partition(1, {})], { times: [] }).keys()]).toEqual([
    'partitions uncommitted',
    'partitions ok',
    'partitions beyond-end',
    'partitions lost',
    'partitions unread',
    'lag_clamped_total',
  ]));

test('sums the lag to the last stable offsets if every partition has one', () => {
  const stable = behind.map((lag) => ({ ...lag, lastStable: 60n }));
  expect(measure(stable).get('last_stable_lag_messages')).toBe(20n);
  expect(measure([...stable.slice(0, 1), ...behind.slice(1)]).has('last_stable_lag_messages')).toBe(false);
});

test('there is no sum and no maximum while an end of the topic could not be read', () => {
  const values = measure(behind.slice(1), { times: [caughtUp, caughtUp], unread: true });
  expect(values.has('consumable_lag_messages')).toBe(false);
  expect(values.has('lag_max_seconds')).toBe(false);
  expect(values.get('lag_seconds 1')).toBe(0);
});

test('there is no sum and no maximum while the topics of a RocketMQ broker were never read', () => {
  const sections = (...ofB: Section[]): Section[] => [{ section: 'topics', broker: 'a:0', kind: 'fresh' }, ...ofB];
  const missing: Section = { section: 'topics', broker: 'b:0', kind: 'missing', isUnreachable: true };
  const times = [interpolated(12.5), caughtUp];
  const values = measure(behind, { times, sections: sections(missing) });
  expect(values.has('consumable_lag_messages')).toBe(false);
  expect(values.has('lag_max_seconds')).toBe(false);
  expect(values.get('lag_seconds 0')).toBe(12.5);
  const ofSlave: Section = { section: 'topics', broker: 'b:1', kind: 'fresh' };
  expect(measure(behind, { times, sections: sections(missing, ofSlave) }).get('lag_max_seconds')).toBe(12.5);
});

test('exports the number of clamped lags', () =>
  expect(measure(behind, { times: [] }).get('lag_clamped_total')).toBe(3));

test('exports nothing for a broadcasting group, whose members keep their offsets themselves', () =>
  expect([...measure(behind, { kind: 'broadcasting' }).keys()]).toEqual([]));
