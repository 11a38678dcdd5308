import { expect, test } from 'vitest';
import { isFromBroker, takesFromClients } from '../../../../ops/rocketmq/incoming.ts';

const message = (
  topic: string,
  properties: Record<string, string> = {},
  transaction: 'none' | 'committed' | 'prepared' = 'none',
) => ({
  topic,
  transaction,
  properties: Buffer.from(
    Object.entries(properties)
      .map(([name, value]) => `${name}\u0001${value}\u0002`)
      .join(''),
  ),
});

test.each([
  ['a message that a client sends', message('orders'), false],
  ['a delayed message that came due', message('orders', { REAL_TOPIC: 'orders' }), true],
  ['a timer that came due', message('orders', { TIMER_OUT_MS: '1' }), true],
  ['a popped message that nobody acknowledged', message('%RETRY%billing+orders', { '1ST_POP_TIME': '1' }), true],
  ['a popped message that a client sends on', message('archive', { '1ST_POP_TIME': '1' }), false],
  ['a transaction that was committed', message('orders', {}, 'committed'), true],
  ['a delayed message that a client sends', message('SCHEDULE_TOPIC_XXXX', { REAL_TOPIC: 'orders' }), false],
  ['a timer that a client sends', message('rmq_sys_wheel_timer', { REAL_TOPIC: 'orders', TIMER_OUT_MS: '1' }), false],
  ['a timer that is rolled on', message('rmq_sys_wheel_timer', { REAL_TOPIC: 'orders', TIMER_ROLL_TIMES: '1' }), true],
  [
    'a timer of RocksDB that is rolled on',
    message('rmq_sys_wheel_timer', { REAL_TOPIC: 'orders', TIMER_OUT_MS: '1', TIMER_ROLL_LABEL: 'R' }),
    true,
  ],
  [
    'an acknowledged pop, which is a timer first',
    message('rmq_sys_wheel_timer', { REAL_TOPIC: 'rmq_sys_REVIVE_LOG_lab', TIMER_OUT_MS: '1' }),
    true,
  ],
  ['half a transaction that a client sends', message('RMQ_SYS_TRANS_HALF_TOPIC', { REAL_TOPIC: 'orders' }), false],
  ['half a transaction in RocksDB', message('RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC', { REAL_TOPIC: 'orders' }), false],
  [
    'half a transaction that is checked again',
    message('RMQ_SYS_TRANS_HALF_TOPIC', { TRANSACTION_CHECK_TIMES: '1' }),
    true,
  ],
] as const)('detects whether the broker itself stored the message: %s', (_, stored, expected) =>
  expect(isFromBroker(stored)).toBe(expected),
);

test('internal records about transactions and pops are not client messages', () => {
  expect(['orders', 'SCHEDULE_TOPIC_XXXX', '%RETRY%billing'].every(takesFromClients)).toBe(true);
  const records = ['RMQ_SYS_TRANS_OP_HALF_TOPIC', 'RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC', 'rmq_sys_REVIVE_LOG_lab'];
  expect(records.filter(takesFromClients)).toEqual([]);
});
