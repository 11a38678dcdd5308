// Exports log sizes and free space of the log directories of each broker.

import type { KafkaDetails } from '../../brokers/kafka/details.ts';
import { ok, type ClusterCollector, known, labelled, type Measurement } from '../collector.ts';

const perDirectory = labelled('broker', 'path');
const perTopic = labelled('broker', 'topic');

export const logDirs = {
  of: 'kafka',
  source: 'DescribeLogDirs',
  cost: '1 request per broker a minute, on a separate connection; skipped while the broker is overloaded',
  metrics: {
    kafka_log_dir_capacity_bytes: perDirectory.gauge(
      'Size of the file system of the log directory. Absent before Kafka 3.3.',
    ),
    kafka_log_dir_usable_bytes: perDirectory.gauge('Free bytes of that file system. Absent before Kafka 3.3.'),
    kafka_log_dir_online: perDirectory.flag('1 while the log directory is online, 0 after an error.'),
    kafka_log_dir_cordoned: perDirectory.flag(
      '1 while the log directory gets no new replica, because it is in cordoned.log.dirs. Absent before Kafka 4.3.',
    ),
    kafka_topic_log_bytes: perTopic.gauge(
      'Bytes of the replicas of the topic on the broker. The sum over brokers counts each replica.',
      { additive: true },
    ),
    kafka_topic_future_log_bytes: perTopic.gauge(
      'Bytes of replicas of the topic that are being moved to another directory of the broker. Absent where none is.',
      { additive: true },
    ),
  },

  collect({ snapshot: { kafka } }) {
    const { logDirectories = [], topicSizes = [] } = kafka ?? {};
    if (logDirectories.length === 0) return { kind: 'no-data', reason: 'no broker reported its log directories' };
    return ok(directoriesOf({ logDirectories, topicSizes }));
  },
} satisfies ClusterCollector;

function* directoriesOf({
  logDirectories,
  topicSizes,
}: Pick<KafkaDetails, 'logDirectories' | 'topicSizes'>): Iterable<Measurement> {
  for (const { broker, path, totalBytes, usableBytes, error, isCordoned } of logDirectories) {
    const labels = [broker, path];
    yield* known('kafka_log_dir_capacity_bytes', labels, totalBytes);
    yield* known('kafka_log_dir_usable_bytes', labels, usableBytes);
    yield { metric: 'kafka_log_dir_online', labels, value: Number(error === undefined) };
    yield* known('kafka_log_dir_cordoned', labels, isCordoned === undefined ? undefined : Number(isCordoned));
  }
  for (const { broker, topic, bytes, futureBytes } of topicSizes) {
    const labels = [broker, topic];
    yield { metric: 'kafka_topic_log_bytes', labels, value: bytes };
    if (futureBytes > 0n) yield { metric: 'kafka_topic_future_log_bytes', labels, value: futureBytes };
  }
}
