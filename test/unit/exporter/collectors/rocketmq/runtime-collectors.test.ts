import { expect, test } from 'vitest';
import { rocketmqDelayedMessages } from '../../../../../exporter/collectors/rocketmq/delayed-messages.ts';
import { rocketmqMessages } from '../../../../../exporter/collectors/rocketmq/messages.ts';
import { rocketmqPutLatency } from '../../../../../exporter/collectors/rocketmq/put-latency.ts';
import { rocketmqSaturation } from '../../../../../exporter/collectors/rocketmq/saturation.ts';
import { rocketmqStorage } from '../../../../../exporter/collectors/rocketmq/storage.ts';
import type { ClusterCollector } from '../../../../../exporter/collector.ts';
import { brokerWith, runtimeWith, snapshotWith, topicWith } from '../../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../../support/series-of.ts';

/** Values of broker-a:0 by metric without its prefix and the labels after the broker. */
function figures(
  collector: ClusterCollector,
  version: '4.9.7' | '5.3.3',
  changed: Readonly<Record<string, string>> = {},
) {
  const broker = brokerWith({ id: 'broker-a:0', runtime: runtimeWith(version, changed) });
  return Object.fromEntries(
    Object.entries(seriesOf(collector, snapshotWith({ brokers: [broker] }))).map(([key, value]) => [
      key.replace('rocketmq_', '').replace('broker_', '').replace(' broker-a:0', ''),
      value,
    ]),
  );
}

test('puts and gets are counted since the start of the broker', () => {
  expect(
    figures(rocketmqMessages, '4.9.7', { putMessageSizeTotal: '9007199254740993', putMessageFailedTimes: '3' }),
  ).toEqual({
    put_messages_total: 236n,
    put_bytes_total: 9_007_199_254_740_993n,
    put_failures_total: 3n,
    get_messages_total: 0n,
  });
});

test('a counter that an old broker does not have is absent', () => {
  const { put_failures_total: failures, ...rest } = figures(rocketmqMessages, '4.9.7', { putMessageFailedTimes: '' });
  expect(failures).toBeUndefined();
  expect(Object.keys(rest)).toHaveLength(3);
});

test('put latencies are in seconds, and the last minute is exported by range', () => {
  const told = figures(rocketmqPutLatency, '5.3.3', {
    putLatency99: '8.50',
    putLatency999: '1840.50',
    putMessageDistributeTime: '[<=0ms]:7 [0~10ms]:5 [500ms~1s]:2 [10s~]:1 ',
  });
  expect(told).toEqual({
    put_latency_p99_seconds: 0.0085,
    put_latency_p999_seconds: 1.8405,
    put_latency_max_seconds: 0.039,
    'last_minute_puts 0': 7,
    'last_minute_puts 0.01': 5,
    'last_minute_puts 1': 2,
    'last_minute_puts +Inf': 1,
  });
});

test('a minute without puts has no percentiles, whatever the broker reports', () => {
  expect(figures(rocketmqPutLatency, '5.3.3')).not.toHaveProperty('put_latency_p99_seconds');
  expect(figures(rocketmqPutLatency, '4.9.7')).toEqual({ put_latency_max_seconds: 0.011 });
});

test('each thread pool of the version has length, capacity and head wait time', () => {
  const told = figures(rocketmqSaturation, '5.3.3', {
    sendThreadPoolQueueSize: '9988',
    sendThreadPoolQueueHeadWaitTimeMills: '850',
  });
  expect(told).toMatchObject({
    'request_queue_length send': 9988,
    'request_queue_capacity send': 10_000,
    'request_queue_head_wait_seconds send': 0.85,
    'request_queue_length lite_pull': 0,
    'request_queue_length ack': 0,
    'request_queue_capacity end_transaction': 100_000,
  });
  expect(figures(rocketmqSaturation, '4.9.7')).not.toHaveProperty('request_queue_length ack');
});

test('unflushed data is in bytes, and the page cache lock time in seconds', () => {
  const told = figures(rocketmqSaturation, '4.9.7', {
    remainHowManyDataToFlush: '1.5 MiB',
    pageCacheLockTimeMills: '1240',
  });
  expect(told).toMatchObject({ unflushed_bytes: 1_572_864, page_cache_lock_seconds: 1.24, dispatch_behind_bytes: 0n });
});

test('without a transient store there is no buffer count', () => {
  const metric = 'transient_store_free_buffers';
  expect(figures(rocketmqSaturation, '4.9.7')).not.toHaveProperty(metric);
  expect(figures(rocketmqSaturation, '4.9.7', { remainTransientStoreBufferNumbs: '0' })).toHaveProperty(metric, 0);
});

test('a full commit log path is visible even if another is not full', () => {
  const told = figures(rocketmqStorage, '5.3.3', {
    commitLogDiskRatio: '0.19',
    'commitLogDiskRatio_/data/1': '0.97',
    'commitLogDiskRatio_/gone': '-1',
  });
  expect(told).toMatchObject({
    commit_log_disk_used_ratio: 0.19,
    'commit_log_path_disk_used_ratio /data/1': 0.97,
    'commit_log_path_disk_used_ratio /var/lib/rocketmq/store/commitlog': 0.19,
  });
  expect(told).not.toHaveProperty('commit_log_path_disk_used_ratio /gone');
});

test('the time of the earliest message is in seconds, and absent while nothing is stored', () => {
  const metric = 'earliest_message_timestamp_seconds';
  expect(figures(rocketmqStorage, '5.3.3')).toHaveProperty(metric, 1_795_173_099.216);
  expect(figures(rocketmqStorage, '4.9.7')).not.toHaveProperty(metric);
});

test('the earliest message of the commit log is not exported with tiered storage', () => {
  const config = new Map([['messageStorePlugIn', 'org.apache.rocketmq.tieredstore.TieredMessageStore']]);
  const broker = brokerWith({ id: 'broker-a:0', runtime: runtimeWith('5.3.3'), config });
  const shown = seriesOf(rocketmqStorage, snapshotWith({ brokers: [broker] }));
  expect(Object.keys(shown)).toContain('rocketmq_broker_disk_free_bytes broker-a:0');
  expect(Object.keys(shown)).not.toContain('rocketmq_broker_earliest_message_timestamp_seconds broker-a:0');
});

test('the waiting messages of a delay level are the difference of end and delivered offset, never negative', () => {
  const told = figures(rocketmqDelayedMessages, '4.9.7', {
    scheduleMessageOffset_3: '700,1900',
    scheduleMessageOffset_18: '5,4',
  });
  expect(told).toEqual({ 'delay_level_waiting_messages 3': 1200n, 'delay_level_waiting_messages 18': 0n });
});

test('a delay level without any delivery has all messages of its queue waiting', () => {
  const brokers = [
    brokerWith({ id: 'broker-a:0', runtime: runtimeWith('4.9.7', { scheduleMessageOffset_1: '4,4' }) }),
    brokerWith({ id: 'broker-a:1', runtime: runtimeWith('4.9.7') }),
  ];
  const { topic, offsets } = topicWith('SCHEDULE_TOPIC_XXXX', {
    'broker-a': [
      [0n, 5n],
      [0n, 0n],
      [2n, 12n],
    ],
  });
  const snapshot = snapshotWith({ brokers }, { topics: [topic], offsets });
  expect(seriesOf(rocketmqDelayedMessages, snapshot, 'rocketmq_delay_level_waiting_messages')).toEqual({
    'broker-a:0 1': 0n,
    'broker-a:0 3': 10n,
  });
});

test('a slave has no delayed messages or timers unless it is the acting master', () => {
  const changed = { scheduleMessageOffset_3: '700,1900', timerCongestNum: '15000' };
  const runtime = runtimeWith('5.3.3', changed);
  const brokers = [
    brokerWith({ id: 'broker-a:0', runtime }),
    brokerWith({ id: 'broker-a:1', runtime }),
    brokerWith({ id: 'broker-b:1', runtime, role: 'acting-master' }),
  ];
  const series = seriesOf(rocketmqDelayedMessages, snapshotWith({ brokers }));
  const shown = Object.keys(series).map((key) => /broker-\S+/.exec(key)?.[0]);
  expect(new Set(shown)).toEqual(new Set(['broker-a:0', 'broker-b:1']));
});

test('timer metrics are exported if the broker has timers', () => {
  expect(figures(rocketmqDelayedMessages, '5.3.3', { timerReadBehind: '42', timerCongestNum: '15000' })).toMatchObject({
    timer_behind_seconds: 42,
    timer_waiting_messages: 15_000n,
    timer_behind_messages: 0n,
  });
});

test('the number of timer messages is unknown if timers are in RocksDB', () => {
  const runtime = runtimeWith('5.3.3', { timerOffsetBehind: '500', timerCongestNum: '7' });
  const shown = (timerRocksDBEnable: string) => {
    const config = new Map([['timerRocksDBEnable', timerRocksDBEnable]]);
    const brokers = [brokerWith({ id: 'broker-a:0', runtime, config })];
    return Object.keys(seriesOf(rocketmqDelayedMessages, snapshotWith({ brokers }), 'rocketmq_timer_waiting_messages'));
  };
  expect([shown('false').length, shown('true').length]).toEqual([1, 0]);
});

test('a broker that did not respond has no series', () => {
  const snapshot = snapshotWith({ brokers: [brokerWith({ id: 'broker-a:0' })] });
  for (const collector of [
    rocketmqMessages,
    rocketmqPutLatency,
    rocketmqSaturation,
    rocketmqStorage,
    rocketmqDelayedMessages,
  ]) {
    expect(seriesOf(collector, snapshot)).toEqual({});
  }
});
