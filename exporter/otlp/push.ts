// Pushes the metrics page by OTLP/HTTP at intervals; values keep the time of their reading, even if they arrive late.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { setImmediate } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import { type Clock, seconds, timeoutAfter } from '../../core/clock.ts';
import { headersOf } from '../../core/http/http-config.ts';
import { endOfWait } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { labelled } from '../collector.ts';
import type { MetricsPage } from '../metrics-page.ts';
import { declaredIn, familiesOf, type FamilySource } from '../prom-client-families.ts';
import type { OtlpConfig } from './config.ts';
import { createSendQueue, type Outcome, post, type SendQueue } from './send-queue.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import { readSamples, type Sample } from '../../core/text/prometheus-text.ts';
import type { Head } from '../exposition/text-format.ts';
import type { HistogramPoint, Metric } from './protobuf.ts';

/** Receivers accept at least 4 MiB; encoding takes a few milliseconds. */
const mostPoints = 2000;

export const otlpMetrics = {
  plimsoll_otlp_requests_total: labelled('outcome').counter(
    'Requests of the OTLP push: accepted, rejected by the receiver, or dropped because too many waited or the push ended.',
  ),
  plimsoll_otlp_queue_bytes: labelled().gauge('Compressed requests of the OTLP push that wait for the receiver.'),
};

/** Survives each push: a config reload creates a new one before it ends the old one. */
export interface OtlpCounts {
  note(outcome: Outcome): void;
  /** The latest push takes over unsent requests of an earlier push to the same receiver. */
  latest?: { receiver: string; queue: Pick<SendQueue, 'add' | 'bytes'> };
  families: FamilySource;
}

export function createOtlpCounts(): OtlpCounts {
  const registry = new Registry();
  const declared = declaredIn(otlpMetrics, registry);
  const counter = new Counter(declared('plimsoll_otlp_requests_total'));
  const gauge = new Gauge(declared('plimsoll_otlp_queue_bytes'));
  const families = familiesOf(registry);
  for (const outcome of ['accepted', 'refused', 'dropped']) counter.inc({ outcome }, 0);
  const counts: OtlpCounts = {
    note: (outcome) => counter.inc({ outcome }),
    families: () => {
      gauge.set(counts.latest?.queue.bytes ?? 0);
      return families();
    },
  };
  return counts;
}

/** @param instance keeps the counters of several pushes of the same metrics in separate series */
export function createOtlpPush(
  { url, every, timeout, authorization, headers, attributes }: OtlpConfig,
  {
    page,
    counts,
    instance,
    clock,
    log,
  }: { page: Pick<MetricsPage, 'render'>; counts: OtlpCounts; instance: string; clock: Clock; log: Logger },
) {
  const end = new AbortController();
  const headersNow = () => ({
    ...headersOf({ authorization, headers }),
    'Content-Type': 'application/x-protobuf',
    'Content-Encoding': 'gzip',
  });
  const queue = createSendQueue(
    (body, signal) => post(url, { headers: headersNow, body, timeoutSeconds: timeout, signal }),
    { clock, log, note: (outcome) => counts.note(outcome) },
  );
  const receiver = JSON.stringify([url, authorization, headers]);
  counts.latest = { receiver, queue };
  let running: Promise<unknown> | undefined;

  async function collect(): Promise<void> {
    const { encodeRequest } = await import('./protobuf.ts');
    using rendered = await page.render({ signal: AbortSignal.any([end.signal, timeoutAfter(every / 2)]) });
    const readAt = clock.now().getTime();
    const resource = { 'service.name': 'plimsoll', 'service.instance.id': instance, ...attributes };
    for await (const metrics of metricsOf(rendered.chunks('text'), mostPoints)) {
      queue.add(await compressed(encodeRequest(metrics, resource, readAt)));
    }
  }

  async function collectAll(): Promise<void> {
    while (!end.signal.aborted) {
      try {
        await collect();
      } catch (err) {
        if (!end.signal.aborted) log.error({ err }, 'cannot read the metrics to push');
      }
      await clock.sleep(seconds(every), { signal: end.signal }).catch(endOfWait);
    }
  }

  return {
    start() {
      running = Promise.all([collectAll(), queue.run(end.signal)]);
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      await running;
      const waiting = queue.takeAll();
      const { latest } = counts;
      const next = latest?.queue !== queue && latest?.receiver === receiver ? latest.queue : undefined;
      for (const body of waiting) {
        if (next === undefined) counts.note('dropped');
        else next.add(body);
      }
      if (next === undefined && waiting.length > 0) {
        log.warn({ requests: waiting.length }, 'the push ended; metrics that waited for the receiver are dropped');
      }
    },
  };
}

const compressed = promisify(gzip) as (bytes: Buffer) => Promise<Buffer>;

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
