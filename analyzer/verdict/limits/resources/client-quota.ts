// Assesses Kafka's byte quotas: bytes that the run's clients moved at a broker, compared with the quota that applies to them.

import type { ConfiguredQuota } from '../../../../core/documents/evidence/configured-limits.ts';
import { capacityText } from '../../../../core/text/quantity-text.ts';
import { largest, mean } from '../../../../core/statistics/statistics.ts';
import { unmonitored, type ClientBytes, type ObservedStep, type ResourceModel, type Use } from './model.ts';
import { useOfBroker } from './use.ts';

/**
 * Kafka enforces a byte quota per broker and quota entity (KIP-13), on the bytes of whole produce requests and fetch
 * responses. Uses the bytes that the broker reports, if any; otherwise rate × bytes per message × the broker's share
 * of the leaders. Compressed bytes are then unknown, and the uncompressed ones are an upper bound.
 */
function byteQuota(resource: 'produce-quota' | 'fetch-quota', bytesOf: (of: ClientBytes) => BytesOf): ResourceModel {
  return {
    resource,
    requires: `a configured ${resource}`,
    kind: 'configured',

    assess(steps, series) {
      const quota = lowest(series.clients?.quotas.filter(({ kind }) => kind === resource) ?? []);
      if (quota === undefined || series.clients === undefined) return unmonitored;
      const { perMessage, ratesOf, reported } = bytesOf(series.clients);
      const { leaderShare } = series.clients;
      const uses = steps.map((step) => {
        const read = reported && useOfBroker(step, series, reported);
        return overWindow(read?.series?.values ?? ratesOf(step).map((rate) => rate * perMessage * leaderShare));
      });
      const entities = quota.shares === 1 ? '' : `, ${quota.shares} clients`;
      const source = `quota ${quota.entity}: ${capacityText(quota.value, 'bytes/s')} per broker${entities}`;
      return { kind: 'measured', capacity: { value: quota.value * quota.shares, unit: 'bytes/s', source }, uses };
    },
  };
}

interface BytesOf {
  perMessage: number;
  /** Messages per second of the cluster, sample by sample. */
  ratesOf(step: ObservedStep): readonly number[];
  reported?: 'bytesInPerSecond' | 'bytesOutPerSecond';
}

const lowest = (quotas: readonly ConfiguredQuota[]) =>
  quotas.toSorted((a, b) => a.value * a.shares - b.value * b.shares)[0];

/** quota.window.num samples of quota.window.size.seconds: 11 of 1 s by default. */
const windowSamples = 11;

/** The peak is the highest mean of a window, because brokers compare the window mean, not single seconds, with the quota. */
function overWindow(values: readonly number[]): Use {
  if (values.length === 0) return undefined;
  const length = Math.min(windowSamples, values.length);
  const windows = Array.from({ length: values.length - length + 1 }, (_, from) =>
    mean(values.slice(from, from + length)),
  );
  return { mean: mean(values), p99: largest(windows) ?? mean(values), samples: values.length };
}

export const produceQuota = byteQuota('produce-quota', ({ produceBytesPerMessage, isOnlyTraffic }) => ({
  perMessage: produceBytesPerMessage,
  ratesOf: ({ step }) => step.rates,
  ...(isOnlyTraffic && { reported: 'bytesInPerSecond' as const }),
}));

export const fetchQuota = byteQuota('fetch-quota', ({ fetchBytesPerMessage, isOnlyTraffic }) => ({
  perMessage: fetchBytesPerMessage,
  ratesOf: ({ step }) =>
    step.rates.map((_, second) =>
      step.groups.reduce((sum, { consumedSeries }) => sum + (consumedSeries[second] ?? 0), 0),
    ),
  ...(isOnlyTraffic && { reported: 'bytesOutPerSecond' as const }),
}));
