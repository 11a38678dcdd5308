import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { collectors } from '../../../exporter/registry.ts';

const Upstream = z.object({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  metrics: z.array(z.object({ name: z.string(), type: z.literal('gauge'), labels: z.array(z.string()) })),
});
const { metrics } = Upstream.parse(
  JSON.parse(readFileSync(new URL('../../fixtures/peers/kafka-exporter-metrics.json', import.meta.url), 'utf8')),
);
/** Offsets that consumers before Kafka 0.9 kept in ZooKeeper; not exported here. */
const ofZooKeeper = 'kafka_consumergroupzookeeper_lag_zookeeper';

test('cluster metrics have the names, types and labels of kafka_exporter, and none is missing', () => {
  const ours = Object.values(collectors)
    .filter(({ follows }) => follows === 'danielqsj/kafka_exporter')
    .flatMap(({ metrics }) => Object.entries(metrics));
  const upstream = metrics.filter(({ name }) => name !== ofZooKeeper);
  expect(upstream).toHaveLength(15);
  expect(Object.fromEntries(ours.map(([name, { type, labels }]) => [name, { type, labels }]))).toEqual(
    Object.fromEntries(upstream.map(({ name, type, labels }) => [name, { type, labels }])),
  );
});
