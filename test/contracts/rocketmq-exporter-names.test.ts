// Checks that every metric of rocketmq-exporter is exported or omitted with a reason.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { collectors } from '../../exporter/registry.ts';
import type { CompatibilityMetric } from '../../exporter/compatibility/compatibility.ts';
import { rocketmqExporter } from '../../exporter/compatibility/rocketmq-exporter.ts';
import { lagOfPayments } from '../support/golden-rocketmq-page.ts';
import { troubledRocketmqSnapshot } from '../support/rocketmq-snapshot.ts';

const Upstream = z.object({
  repository: z.string(),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  metrics: z.array(
    z.object({ name: z.string(), type: z.literal('gauge'), labels: z.array(z.string()), hasSamples: z.boolean() }),
  ),
});
const upstream = Upstream.parse(
  JSON.parse(readFileSync(new URL('../fixtures/peers/rocketmq-exporter-metrics.json', import.meta.url), 'utf8')),
);

const offered: Readonly<Record<string, CompatibilityMetric>> = rocketmqExporter.metrics;
const missing: Readonly<Record<string, string>> = rocketmqExporter.missing;

test('every upstream metric is either offered or listed as missing, and no other metric is', () => {
  const names = [...Object.keys(offered), ...Object.keys(missing)].toSorted();
  expect(names).toEqual(upstream.metrics.map(({ name }) => name).toSorted());
});

test('metrics without samples upstream are not offered', () => {
  for (const { name, hasSamples } of upstream.metrics) if (!hasSamples) expect(missing).toHaveProperty([name]);
});

test.each(upstream.metrics.filter(({ name }) => name in offered))(
  '$name has the upstream type and labels',
  ({ name, type, labels }) => {
    expect(offered[name]?.type).toBe(type);
    // The page itself adds that label to every series of a cluster.
    expect(offered[name]?.labels.toSorted()).toEqual(labels.filter((label) => label !== 'cluster').toSorted());
  },
);

test('no offered or missing name equals the name of a Plimsoll metric', () => {
  const own = Object.values(collectors).flatMap(({ metrics }) => Object.keys(metrics));
  expect(own.filter((name) => name in offered || name in missing)).toEqual([]);
});

test('the metrics suggested as replacements exist', () => {
  const own = new Set<string>(Object.values(collectors).flatMap(({ metrics }) => Object.keys(metrics)));
  const named = Object.values(offered).flatMap(
    ({ ours = '' }) => ours.match(/\b(rocketmq|plimsoll)_[a-z0-9_]+/g) ?? [],
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !own.has(name))).toEqual([]);
});

test('the collector exports every offered metric with all its labels, each series once, and no value below 0', () => {
  const collection = rocketmqExporter.collect({ snapshot: troubledRocketmqSnapshot, lagTimes: lagOfPayments });
  if (collection.kind !== 'ok') throw new Error(collection.reason);
  const measurements = [...collection.measurements];
  const shown = new Set(measurements.map(({ metric }) => metric));
  expect(Object.keys(offered).filter((name) => !shown.has(name))).toEqual([]);
  for (const { metric, labels, value } of measurements) {
    expect(labels, metric).toHaveLength(offered[metric]?.labels.length ?? 0);
    expect(Number(value), metric).toBeGreaterThanOrEqual(0);
  }
  const series = measurements.map(({ metric, labels }) => JSON.stringify([metric, ...labels]));
  expect(new Set(series).size).toBe(series.length);
});
