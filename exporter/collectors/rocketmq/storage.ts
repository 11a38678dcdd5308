// Exports disk usage of each broker and the age of its oldest message.

import type { RocketmqBroker } from '../../../brokers/rocketmq/details.ts';
import { hasTieredStorage } from '../../../brokers/rocketmq/retention.ts';
import type { RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';
import { known, labelled, type Measurement } from '../../collector.ts';
import { ofRuntime, perBroker } from './from-details.ts';

const rounded = 'to one decimal of the unit the broker rounds to';

export const rocketmqStorage = ofRuntime(
  {
    rocketmq_broker_commit_log_disk_used_ratio: perBroker.gauge(
      'Share used of the file system of the commit log; with several paths the least used, by which the broker decides to delete messages and reject sends.',
    ),
    rocketmq_broker_commit_log_path_disk_used_ratio: labelled('broker', 'path').gauge(
      'Share used of the file system of each commit log path.',
    ),
    rocketmq_broker_consume_queue_disk_used_ratio: perBroker.gauge(
      'Share used of the file system of the consume queues.',
    ),
    rocketmq_broker_disk_size_bytes: perBroker.gauge(`Size of the file system of the store, ${rounded}.`),
    rocketmq_broker_disk_free_bytes: perBroker.gauge(
      `Free on the file system of the store, ${rounded}: usable on 4.9, free with what is reserved for root on 5.x.`,
    ),
    rocketmq_broker_commit_log_start_offset_bytes: perBroker.gauge('Start offset of the commit log.'),
    rocketmq_broker_commit_log_end_offset_bytes: perBroker.gauge(
      'End offset of the commit log: bytes ever written, copies for retries, delays and transactions included. rate() of it is the write rate, across restarts too.',
    ),
    rocketmq_broker_earliest_message_timestamp_seconds: perBroker.gauge(
      'Time at which the oldest stored message was stored, in seconds since the epoch; time() minus it is the actual retention.',
    ),
  },
  storageOf,
);

function* storageOf(id: string, figures: RuntimeFigures, config: RocketmqBroker['config']): Iterable<Measurement> {
  yield* known('rocketmq_broker_commit_log_disk_used_ratio', [id], figures.commitLogDiskRatio);
  for (const { path, ratio } of figures.commitLogDiskRatios) {
    yield { metric: 'rocketmq_broker_commit_log_path_disk_used_ratio', labels: [id, path], value: ratio };
  }
  yield* known('rocketmq_broker_consume_queue_disk_used_ratio', [id], figures.consumeQueueDiskRatio);
  yield* known('rocketmq_broker_disk_size_bytes', [id], figures.diskTotalBytes);
  yield* known('rocketmq_broker_disk_free_bytes', [id], figures.diskFreeBytes);
  yield* known('rocketmq_broker_commit_log_start_offset_bytes', [id], figures.commitLogMinOffset);
  yield* known('rocketmq_broker_commit_log_end_offset_bytes', [id], figures.commitLogMaxOffset);
  // Age within the commit log: with tiered storage, older messages still exist.
  if (hasTieredStorage(config)) return;
  yield* known('rocketmq_broker_earliest_message_timestamp_seconds', [id], figures.earliestStoredAtSeconds);
}
