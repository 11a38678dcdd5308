// Sums the journal's HdrHistograms into Prometheus buckets.

import type { Metric, Registry } from 'prom-client';
import { getOrMake } from '../../../core/get-or-make.ts';
import { recordedValues } from '../../record/merged-histogram.ts';
import { latencyBuckets } from './run-metrics.ts';

interface Sum {
  /** Samples per bucket, not cumulative; they are added up when read. */
  counts: number[];
  count: number;
  seconds: number;
}

/** prom-client observes one sample per call; a second of a load test has a hundred thousand. */
export function registerBucketSum(registry: Registry, name: string, help: string) {
  const sums = new Map<string, { labels: Readonly<Record<string, string>>; sum: Sum }>();
  const described = { name, help, type: 'histogram', aggregator: 'sum' };
  const metric = {
    ...described,
    get: async () => ({
      ...described,
      values: [...sums.values()].flatMap(({ labels, sum }) => [...samplesOf(name, labels, sum)]),
    }),
  };
  registry.registerMetric(metric as unknown as Metric);
  return {
    add(encoded: string, labels: Readonly<Record<string, string>> = {}): void {
      const key = JSON.stringify(labels);
      const begin = () => ({ labels, sum: { counts: latencyBuckets.map(() => 0), count: 0, seconds: 0 } });
      addTo(getOrMake(sums, key, begin).sum, encoded);
    },
  };
}

function addTo(sum: Sum, encoded: string): void {
  for (const { microseconds, count } of recordedValues(encoded)) {
    const seconds = microseconds / 1e6;
    const bucket = latencyBuckets.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) sum.counts[bucket] = (sum.counts[bucket] ?? 0) + count;
    sum.count += count;
    sum.seconds += seconds * count;
  }
}

function* samplesOf(name: string, labels: Readonly<Record<string, string>>, { counts, count, seconds }: Sum) {
  let below = 0;
  for (const [index, bound] of latencyBuckets.entries()) {
    below += counts[index] ?? 0;
    yield { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: below };
  }
  yield { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count };
  yield { metricName: `${name}_sum`, labels, value: seconds };
  yield { metricName: `${name}_count`, labels, value: count };
}
