// Checks names, labels and units of the metrics of every collector.

import { expect, test } from 'vitest';
import type { Collection, Collector, MetricDefinition } from '../../exporter/collector.ts';
import { unitOf } from '../../tools/metrics-page.ts';
import { ownMetrics } from '../../exporter/own-metrics.ts';
import { collectors } from '../../exporter/registry.ts';
import { readingSections } from '../../core/documents/evidence/host-reading.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { recordedRoots, troubledSnapshot } from '../support/golden-metrics-page.ts';
import { recordedGcLogs } from '../support/recorded-gc-logs.ts';
import { troubledRocketmqSnapshot } from '../support/rocketmq-snapshot.ts';

const all: readonly (readonly [string, Collector])[] = Object.entries(collectors);
const families: readonly (readonly [string, MetricDefinition])[] = [
  ...all.flatMap(([, { metrics }]) => Object.entries(metrics)),
  ...Object.entries(ownMetrics),
];

const io = { signal: new AbortController().signal };
const probe = openHost('recorded', HostConfig.parse({ probe: 'local', ...recordedRoots }));
const before = await probe.sample(new Set(readingSections), io);
const reading = {
  ...before,
  uptimeSeconds: (before.uptimeSeconds ?? 0) + 15,
  cpus: before.cpus?.map((times) => ({ ...times, user: times.user + 15 })),
};
const bursts = {
  windowSeconds: 0.1,
  coreRatio: 1,
  links: [{ device: 'eth0', receiveWireBytesPerSecond: 1, transmitWireBytesPerSecond: 2 }],
};
const inventory = await probe.describe(io);

const collect = (collector: Collector): Collection =>
  collector.of === 'host'
    ? collector.collect({ reading: { ...reading, bursts, gcLogs: recordedGcLogs }, inventory, before })
    : collector.collect({ snapshot: collector.of === 'rocketmq' ? troubledRocketmqSnapshot : troubledSnapshot });

test('metric names are unique across collectors', () => {
  const names = families.map(([name]) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(families)(
  '%s has a valid name, a unit or `_total` that matches its type, and a help text',
  (name, { type, help, labels, unit, additive }) => {
    expect(name).toMatch(/^[a-z][A-Za-z0-9_]*$/);
    expect(unitOf(name, unit === undefined ? {} : { unit })).toBeDefined();
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).not.toBe('');
    // The sum decreases when a series disappears, which a rate treats as a reset.
    if (type === 'counter' || name.includes('offset')) expect(additive).toBeUndefined();
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
    // The page adds these labels; a collector with one would print it twice.
    expect(labels).not.toContain('cluster');
    expect(labels).not.toContain('host');
  },
);

test.each(all)(
  '%s exports only declared metrics, with all their labels, each series once, and no value below 0',
  (_, collector) => {
    const collection = collect(collector);
    if (collection.kind !== 'ok') throw new Error(collection.reason);
    const measurements = [...collection.measurements];
    expect(measurements.length).toBeGreaterThan(0);
    for (const { metric, labels, value } of measurements) {
      expect(collector.metrics).toHaveProperty([metric]);
      expect(labels).toHaveLength(collector.metrics[metric]?.labels.length ?? 0);
      expect(Number(value), `${metric} of ${labels.join(', ')}`).toBeGreaterThanOrEqual(0);
    }
    const series = measurements.map(({ metric, part, labels }) => JSON.stringify([metric, part, ...labels]));
    expect(new Set(series).size).toBe(series.length);
  },
);
