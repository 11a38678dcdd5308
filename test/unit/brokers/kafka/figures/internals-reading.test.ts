import { expect, test } from 'vitest';
import type { BrokerInternals } from '../../../../../brokers/kafka/details.ts';
import { figuresBetween } from '../../../../../brokers/figures/figures-between.ts';
import { internalsReading } from '../../../../../brokers/kafka/figures/internals-reading.ts';
import { kafkaPair } from '../../../../support/broker-readings.ts';

test.each(['jolokia', 'jmx-exporter'] as const)(
  '%s: the figures match the load between two readings',
  async (agent) => {
    const { before, after, seconds } = await kafkaPair(agent);
    const figures = figuresBetween(before, after, seconds);
    expect((figures.messagesInPerSecond ?? NaN) * seconds).toBeCloseTo(6000, 6);
    expect((figures.produceRequestsPerSecond ?? NaN) * seconds).toBeCloseTo(60, 6);
    expect((figures.replicationBytesOutPerSecond ?? NaN) * seconds).toBeGreaterThan(6000 * 200);
    expect(figures).toMatchObject({
      underReplicatedPartitions: 0,
      underMinIsrPartitions: 0,
      replicationLagMessages: 0,
      throttledSeconds: 0,
      connections: 7,
    });
    expect(figures.requestQueueSeconds).toBeGreaterThan(0);
    expect(figures.requestQueueSeconds).toBeLessThan(0.01);
    expect(figures.flushSecondsPerSecond).toBeGreaterThan(0.01);
    expect(figures.networkProcessorsBusy).toBeLessThan(0.1);
    expect(figures.longestPauseSeconds).toBeGreaterThan(0.001);
    expect(figures.heapUsedRatio).toBeGreaterThan(0.01);
  },
);

const internals = (values: [metric: string, label: string, value: number][]): BrokerInternals => ({
  broker: '1',
  agent: 'jmx-exporter',
  values: values.map(([metric, label, value]) => ({ metric, labels: label === '' ? [] : [label], value })),
  dropped: 0,
});
const start: [string, string, number] = ['kafka_broker_jvm_start_time_seconds', '', 1000];

test('idle time is known for one handler pool, but not for two pools with a shared meter', () => {
  const idle = (seconds: number) =>
    internalsReading(internals([start, ['kafka_broker_request_handler_idle_seconds_total', 'all', seconds]]), 1100);
  expect(idle(98).counters).toEqual({ handlerIdleSeconds: 98 });
  expect(idle(190).counters).toEqual({});
});

test('heap use is unknown while the old generation was never collected', () => {
  const after = (old: number) =>
    internalsReading(
      internals([
        ['kafka_broker_jvm_memory_max_bytes', 'heap', 1000],
        ['kafka_broker_jvm_memory_after_gc_bytes', 'G1 Old Gen', old],
        ['kafka_broker_jvm_memory_after_gc_bytes', 'G1 Survivor Space', 20],
        ['kafka_broker_jvm_memory_after_gc_bytes', 'Metaspace', 500],
      ]),
      0,
    ).figures;
  expect(after(0)).toEqual({});
  expect(after(300)).toEqual({ heapUsedRatio: 0.32 });
});

test('concurrent GC cycles do not count as pauses', () => {
  const { counters } = internalsReading(
    internals([
      ['kafka_broker_jvm_gc_collections_total', 'ZGC Cycles', 9],
      ['kafka_broker_jvm_gc_collections_total', 'ZGC Pauses', 27],
      ['kafka_broker_jvm_gc_seconds_total', 'ZGC Cycles', 4],
      ['kafka_broker_jvm_gc_seconds_total', 'ZGC Pauses', 0.002],
    ]),
    0,
  );
  expect(counters).toEqual({ pauses: 27, pauseSeconds: 0.002 });
});
