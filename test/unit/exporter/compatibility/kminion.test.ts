import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { kminion } from '../../../../exporter/compatibility/kminion.ts';
import { troubledSnapshot } from '../../../support/golden-metrics-page.ts';

function seriesOf(over: Partial<ClusterSnapshot> = {}): Map<string, number | bigint> {
  const collection = kminion.collect({ snapshot: { ...troubledSnapshot, ...over } });
  return new Map(
    [...collection.measurements].map(({ metric, labels, value }) => [[metric, ...labels].join(' '), value]),
  );
}

const details = { logDirectories: [], topicConfigs: [], zooKeeper: [], internals: [] };

test('topic and group values equal those of the native metrics, and only complete sums are exported', () => {
  const series = seriesOf();
  expect(series.get('kminion_kafka_topic_partition_high_water_mark orders 0')).toBe(9_007_199_254_740_993n);
  expect(series.get('kminion_kafka_topic_high_water_mark_sum orders')).toBe(9_007_199_254_741_033n);
  // One of its partitions has no leader, and so no end.
  expect(series.has('kminion_kafka_topic_high_water_mark_sum payments')).toBe(false);
  expect(series.get('kminion_kafka_consumer_group_topic_partition_lag billing "eu" orders 0')).toBe(3n);
  expect(series.get('kminion_kafka_consumer_group_topic_lag billing "eu" orders')).toBe(3n);
});

test('a topic whose config was not read has the cleanup policy N/A, as upstream', () => {
  const policy = { topic: 'payments', cleanupPolicy: 'compact' };
  const series = seriesOf({ kafka: { ...details, topicSizes: [], topicConfigs: [policy] } });
  expect(series.get('kminion_kafka_topic_info orders 2 2 N/A')).toBe(1);
  expect(series.get('kminion_kafka_topic_info payments 2 1 compact')).toBe(1);
});

test('a section that could not be read sets kminion_exporter_up to 0', () => {
  expect(seriesOf().get('kminion_exporter_up')).toBe(0);
  expect(seriesOf({ sections: [] }).get('kminion_exporter_up')).toBe(1);
});

test('sizes are summed by broker and topic, but not by topic while a broker is missing', () => {
  const size = (broker: string, bytes: bigint) => ({ broker, topic: 'orders', bytes, futureBytes: 0n });
  const kafka = { ...details, topicSizes: [size('1', 10n), size('2', 5n)] };
  const whole = seriesOf({ kafka, sections: [] });
  expect(whole.get('kminion_kafka_broker_log_dir_size_total_bytes 2 127.0.0.1 9093 ')).toBe(5n);
  expect(whole.get('kminion_kafka_topic_log_dir_size_total_bytes orders')).toBe(15n);
  const partial = seriesOf({ kafka, sections: [{ section: 'log-dirs', broker: '2', kind: 'missing' }] });
  expect(partial.has('kminion_kafka_topic_log_dir_size_total_bytes orders')).toBe(false);
});

test('while the controller is unknown, no broker is marked as controller or not', () => {
  const { cluster } = troubledSnapshot;
  const flags = (controllerId?: string) =>
    [...seriesOf({ cluster: { ...cluster, ...(controllerId !== undefined && { controllerId }) } }).keys()]
      .filter((key) => key.startsWith('kminion_kafka_broker_info 1'))
      .map((key) => key.split(' ').at(-1));
  expect([flags(), flags('1'), flags('101')]).toEqual([[''], ['true'], ['false']]);
});
