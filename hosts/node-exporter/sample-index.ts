// Indexes the samples of one page by metric name and labels.

import type { Sample } from '../../core/text/prometheus-text.ts';
import { getOrMake } from '../../core/get-or-make.ts';

type Labels = Readonly<Record<string, string>>;

export type SampleIndex = ReturnType<typeof indexSamples>;

/** The page of a machine with 200 cards and 1,000 file systems has fewer than 20,000 samples. */
const mostSamples = 200_000;

export function indexSamples(samples: Iterable<Sample>, isWanted: (metric: string) => boolean) {
  const byMetric = new Map<string, Sample[]>();
  let count = 0;
  for (const sample of samples) {
    if (!isWanted(sample.metric)) continue;
    if (count++ === mostSamples) break;
    getOrMake(byMetric, sample.metric, () => []).push(sample);
  }
  return {
    has: (metric: string) => byMetric.has(metric),
    metrics: () => [...byMetric.keys()],
    /** @returns the first sample with labels that include these */
    value(metric: string, labels: Labels = {}) {
      const wanted = Object.entries(labels);
      return byMetric.get(metric)?.find((sample) => wanted.every(([name, text]) => sample.labels[name] === text))
        ?.value;
    },
    /** Maps samples in page order; flattens lists, like `flatMap`. */
    each: <T>(metric: string, map: (labels: Labels, value: number) => T | readonly T[]): T[] =>
      (byMetric.get(metric) ?? []).flatMap(({ labels, value }) => map(labels, value)),
  };
}

export const entryOf = (name: string, value: number | undefined): [string, number][] =>
  value === undefined ? [] : [[name, value]];

export const isWhole = <T extends Record<string, number | undefined>>(
  record: T,
): record is T & { [K in keyof T]: number } => Object.values(record).every((value) => value !== undefined);

/** Returns labels by name; a missing label is empty. */
export const textsOf = <Name extends string>(labels: Labels, names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, labels[name] ?? ''])) as Record<Name, string>;
