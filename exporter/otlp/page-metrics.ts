// Converts a page of metrics to OTLP metrics in batches, so that a large page does not delay scrapes.

import { setImmediate } from 'node:timers/promises';
import { getOrMake } from '../../core/get-or-make.ts';
import { readSamples, type Sample } from '../../core/text/prometheus-text.ts';
import type { Head } from '../exposition/text-format.ts';
import type { HistogramPoint, Metric } from './protobuf.ts';

/** @param chunks of the text format, each of whole lines. @returns batches of at most about `mostPoints` values */
export async function* metricsOf(chunks: Iterable<Buffer>, mostPoints: number): AsyncIterable<Metric[]> {
  const families = new Map<string, Head>();
  const histograms = new Map<string, Sample[]>();
  for (const chunk of chunks) {
    const text = chunk.toString();
    readHeads(text, families);
    let batch = new Map<string, Sample[]>();
    let points = 0;
    for (const sample of readSamples(text)) {
      const histogram = histogramOf(sample.metric, families);
      // Histograms are few; their series are joined at the end.
      const into = histogram === undefined ? batch : histograms;
      getOrMake(into, histogram ?? sample.metric, () => []).push(sample);
      if (histogram !== undefined || ++points < mostPoints) continue;
      yield numbersOf(batch, families);
      [batch, points] = [new Map(), 0];
      await setImmediate();
    }
    if (points > 0) yield numbersOf(batch, families);
    await setImmediate();
  }
  if (histograms.size === 0) return;
  yield [...histograms].map(([name, samples]) => ({
    name,
    help: families.get(name)?.help ?? '',
    type: 'histogram',
    points: pointsOf(name, samples),
  }));
}

function readHeads(text: string, families: Map<string, Head>): void {
  for (const [, name = '', help = '', type = ''] of text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)) {
    families.set(name, { type, help: help.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : String(letter))) });
  }
}

function histogramOf(metric: string, families: ReadonlyMap<string, Head>): string | undefined {
  const name = /^(.*)_(?:bucket|sum|count)$/.exec(metric)?.[1];
  return name !== undefined && families.get(name)?.type === 'histogram' ? name : undefined;
}

/** An unknown type becomes a gauge, which implies nothing about its course. */
function numbersOf(batch: ReadonlyMap<string, readonly Sample[]>, families: ReadonlyMap<string, Head>): Metric[] {
  return [...batch].map(([name, points]) => ({
    name,
    help: families.get(name)?.help ?? '',
    type: families.get(name)?.type === 'counter' ? 'counter' : 'gauge',
    points,
  }));
}

function pointsOf(name: string, samples: readonly Sample[]): HistogramPoint[] {
  const series = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify(Object.entries(labels).filter(([name]) => name !== 'le')),
  );
  return [...series].flatMap(([key, members]): HistogramPoint[] => {
    const buckets = members
      .filter(({ metric }) => metric === `${name}_bucket`)
      .map(({ labels, value }) => ({ bound: labels['le'] === '+Inf' ? Infinity : Number(labels['le']), value }))
      .toSorted((a, b) => a.bound - b.bound);
    const count = members.find(({ metric }) => metric === `${name}_count`)?.value;
    const sum = members.find(({ metric }) => metric === `${name}_sum`)?.value;
    if (count === undefined || sum === undefined) return [];
    return [
      {
        labels: Object.fromEntries(JSON.parse(key) as [string, string][]),
        count,
        sum,
        bounds: buckets.map(({ bound }) => bound).filter((bound) => Number.isFinite(bound)),
        // The page has cumulative counts.
        counts: buckets.map(({ value }, index) => value - (buckets[index - 1]?.value ?? 0)),
      },
    ];
  });
}
