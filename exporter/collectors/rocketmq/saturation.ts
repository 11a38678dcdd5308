// Exports the length and waiting time of each broker's internal queues.

import type { RuntimeFigures, ThreadPoolName } from '../../../brokers/rocketmq/runtime-info.ts';
import { known, labelled, type Measurement } from '../../collector.ts';
import { ofRuntime, perBroker } from './from-details.ts';

const perPool = labelled('broker', 'pool');

const poolNames = {
  send: 'send',
  pull: 'pull',
  query: 'query',
  litePull: 'lite_pull',
  ack: 'ack',
  endTransaction: 'end_transaction',
} as const satisfies Record<ThreadPoolName, string>;

export const rocketmqSaturation = ofRuntime(
  {
    rocketmq_broker_page_cache_lock_seconds: perBroker.gauge(
      'Time for which the current put has held the lock of the commit log; above 1 s (osPageCacheBusyTimeOutMills), sends are rejected with PCBUSY.',
    ),
    rocketmq_broker_request_queue_length: perPool.gauge('Requests that wait for a thread of the pool.', 'requests'),
    rocketmq_broker_request_queue_capacity: perPool.gauge(
      'Capacity of the queue of the pool; further requests are rejected.',
      'requests',
    ),
    rocketmq_broker_request_queue_head_wait_seconds: perPool.gauge(
      'Wait time of the oldest request; above 0.2 s (waitTimeMillsInSendQueue), sends are rejected with TIMEOUT_CLEAN_QUEUE.',
    ),
    rocketmq_broker_dispatch_behind_bytes: perBroker.gauge(
      'Bytes of the commit log that are not in the consume queues yet: consumers do not see these messages.',
    ),
    rocketmq_broker_unflushed_bytes: perBroker.gauge(
      'Bytes in the page cache and not on disk, to one decimal of the unit the broker rounds to.',
    ),
    rocketmq_broker_uncommitted_bytes: perBroker.gauge(
      'Bytes in the transient store and not in the page cache, to one decimal of the unit the broker rounds to.',
    ),
    rocketmq_broker_transient_store_free_buffers: perBroker.gauge(
      'Free buffers of the transient store; at 0, sends are rejected. Absent where none is used.',
      'buffers',
    ),
  },
  saturationOf,
);

function* saturationOf(id: string, figures: RuntimeFigures): Iterable<Measurement> {
  yield* known('rocketmq_broker_page_cache_lock_seconds', [id], figures.pageCacheLockSeconds);
  for (const { pool, size, capacity, headWaitSeconds } of figures.threadPools) {
    const labels = [id, poolNames[pool]];
    yield* known('rocketmq_broker_request_queue_length', labels, size);
    yield* known('rocketmq_broker_request_queue_capacity', labels, capacity);
    yield* known('rocketmq_broker_request_queue_head_wait_seconds', labels, headWaitSeconds);
  }
  yield* known('rocketmq_broker_dispatch_behind_bytes', [id], figures.dispatchBehindBytes);
  yield* known('rocketmq_broker_unflushed_bytes', [id], figures.unflushedBytes);
  yield* known('rocketmq_broker_uncommitted_bytes', [id], figures.uncommittedBytes);
  yield* known('rocketmq_broker_transient_store_free_buffers', [id], figures.transientBuffersLeft);
}
