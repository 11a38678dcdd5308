import { expect, test } from 'vitest';
import type { RocketmqBroker } from '../../../../brokers/rocketmq/details.ts';
import { keptBackBy as keptBack } from '../../../../loadgen/execute/log-watch.ts';
import type { PartitionOffsets } from '../../../../core/cluster.ts';

const keptBackBy = (
  brokers: readonly RocketmqBroker[],
  delay: Parameters<typeof keptBack>[1],
  offsets: readonly PartitionOffsets[] = [],
) => keptBack({ brokers, offsets }, delay);

const broker = (
  runtime: Record<string, string> | undefined,
  role: RocketmqBroker['role'] = 'master',
): RocketmqBroker => ({
  id: 'a:0',
  brokerName: 'a',
  brokerId: 0,
  address: '127.0.0.1:10911',
  role,
  ...(runtime && { runtime: new Map(Object.entries(runtime)) }),
});
const level3 = { level: 3 };
const waits = { scheduleMessageOffset_3: '40,55', scheduleMessageOffset_4: '0,100' };

test('undelivered messages of a delay level are held back, summed over the masters', () => {
  expect(keptBackBy([broker(waits), broker(waits, 'slave'), broker(waits, 'acting-master')], level3)).toBe(30);
  expect(keptBackBy([broker(waits), broker({ scheduleMessageOffset_4: '0,1' })], level3)).toBe(15);
});

test('a 4.9 delay level that was never delivered holds back its whole queue', () => {
  const queue = { topic: 'SCHEDULE_TOPIC_XXXX', brokerName: 'a', partition: 2, start: 1n, end: 11n };
  expect(keptBackBy([broker({})], level3, [queue, { ...queue, brokerName: 'b' }])).toBe(10);
});

test('timers are counted in total, also in addition to a level, because brokers may store levels as timers', () => {
  const timers = { timerCongestNum: '7', timerOffsetBehind: '2' };
  expect(keptBackBy([broker(timers)], { after: 3 as never })).toBe(9);
  expect(keptBackBy([broker({ ...timers, ...waits })], level3)).toBe(24);
});

test('the count is unknown if a broker did not report it, has no such figure or has undispatched messages', () => {
  expect(keptBackBy([broker(waits), broker(undefined)], level3)).toBeUndefined();
  expect(keptBackBy([broker(waits)], { after: 3 as never })).toBeUndefined();
  expect(keptBackBy([broker({ ...waits, dispatchBehindBytes: '12' })], level3)).toBeUndefined();
  expect(keptBackBy([broker(waits, 'slave')], level3)).toBeUndefined();
});

test('the count of timers in RocksDB, which no broker reports, is unknown', () => {
  const stored = (settings: Record<string, string>) => ({
    ...broker({ ...waits, timerCongestNum: '0', timerOffsetBehind: '12345' }),
    config: new Map(Object.entries({ timerRocksDBEnable: 'true', ...settings })),
  });
  expect(keptBackBy([stored({})], { after: 3 as never })).toBeUndefined();
  expect(keptBackBy([stored({ timerInterceptDelayLevel: 'true' })], level3)).toBeUndefined();
  expect(keptBackBy([stored({})], level3)).toBe(15);
});
