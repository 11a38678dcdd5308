import { expect, test } from 'vitest';
import type { RocketmqDetails } from '../../../../../brokers/rocketmq/details.ts';
import { passages, rocketmqNativeMetrics } from '../../../../../exporter/collectors/rocketmq/native-metrics.ts';
import { snapshotWith } from '../../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../../support/series-of.ts';

const node = { cluster: 'c', node_type: 'broker', node_id: 'a', aggregation: 'delta' };
const native = (...samples: Omit<RocketmqDetails['nativeMetrics'][number], 'broker'>[]) =>
  seriesOf(
    rocketmqNativeMetrics,
    snapshotWith({ nativeMetrics: samples.map((sample) => ({ broker: 'a:0', ...sample })) }),
  );
const labels = { ...node, consumer_group: 'billing', topic: 'orders', is_retry: 'false' };

test('a listed metric is exported under the prefix, without the constant labels of the broker', () => {
  expect(native({ metric: 'rocketmq_consumer_inflight_messages', labels, value: 37 })).toEqual({
    'rocketmq_native_consumergroup_inflight_messages a:0 billing orders false': 37,
  });
});

test('milliseconds are converted to seconds, whether or not the name has the unit', () => {
  for (const metric of ['rocketmq_consumer_lag_latency', 'rocketmq_consumer_lag_latency_milliseconds']) {
    expect(native({ metric, labels, value: 61_500 })).toEqual({
      'rocketmq_native_consumergroup_lag_seconds a:0 billing orders false': 61.5,
    });
  }
});

test('unlisted metrics and values that are not numbers are left out', () => {
  const unbounded = { metric: 'rocketmq_rpc_latency_bucket', labels: { ...node, le: '10' }, value: 3 };
  const unknown = { metric: 'rocketmq_half_messages', labels, value: Number.NaN };
  expect(native(unbounded, unknown)).toEqual({});
});

test("a duplicate series on the broker's page is exported once", () => {
  const sample = { metric: 'rocketmq_half_messages', labels, value: 3 };
  expect(native(sample, { ...sample, value: 4 })).toEqual({ 'rocketmq_native_half_messages a:0 orders': 3 });
});

test('no two broker metrics are exported under the same name', () => {
  const names = Object.values(passages).map(({ as }) => as);
  expect(new Set(names).size).toBe(names.length);
});
