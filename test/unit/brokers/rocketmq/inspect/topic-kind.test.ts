import { expect, test } from 'vitest';
import { holdsMessages, isPredefinedGroup, topicKindOf } from '../../../../../brokers/rocketmq/inspect/topic-kind.ts';

const names = new Set(['lab', 'broker-a']);

test.each([
  ['orders', 'normal'],
  ['%RETRY%billing', 'retry'],
  ['%DLQ%billing', 'dead-letter'],
  ['SCHEDULE_TOPIC_XXXX', 'delayed'],
  ['rmq_sys_wheel_timer', 'delayed'],
  ['RMQ_SYS_TRANS_HALF_TOPIC', 'transactional'],
  ['RMQ_SYS_TRANS_OP_HALF_TOPIC', 'transactional'],
  ['RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC', 'transactional'],
  ['RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC', 'transactional'],
  ['RMQ_SYS_TRACE_TOPIC', 'system'],
  ['rmq_sys_REVIVE_LOG_lab', 'system'],
  ['DefaultHeartBeatSyncerTopic', 'system'],
  ['lab_REPLY_TOPIC', 'system'],
  ['orders_REPLY_TOPIC', 'normal'],
  ['lab', 'system'],
  ['broker-a', 'system'],
  ['constructor', 'normal'],
])('topic %s is %s', (topic, kind) => expect(topicKindOf(topic, names)).toBe(kind));

test('topics that brokers register for themselves hold no messages', () => {
  const all = [
    'TBW102',
    'BenchmarkTest',
    'lab',
    'broker-a',
    'rmq_sys_SYNC_BROKER_MEMBER_broker-a',
    'orders',
    'SCHEDULE_TOPIC_XXXX',
  ];
  expect(all.filter((topic) => holdsMessages(topic, names))).toEqual(['orders', 'SCHEDULE_TOPIC_XXXX']);
});

test('BenchmarkTest is a normal topic once a group has commits in it', () => {
  expect(holdsMessages('BenchmarkTest', names, new Set(['BenchmarkTest']))).toBe(true);
  expect(topicKindOf('BenchmarkTest', names, true)).toBe('normal');
  expect(topicKindOf('BenchmarkTest', names)).toBe('system');
});

test('internal groups of brokers and proxies are recognised', () =>
  expect(
    ['TOOLS_CONSUMER', 'CID_RMQ_SYS_TRANS', 'CID_DefaultHeartBeatSyncerTopic', 'billing'].map(isPredefinedGroup),
  ).toEqual([true, true, true, false]));
