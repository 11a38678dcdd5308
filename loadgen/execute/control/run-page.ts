// Builds the Prometheus page of a running load test from journal lines.

import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { latencyBuckets, type RunMetricName, runMetrics } from './run-metrics.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import { recordedValues } from '../../record/merged-histogram.ts';

export type RunIdentity = Record<'run' | 'cluster' | 'broker' | 'workload', string>;

export function createRunPage(identity: RunIdentity, groups: readonly string[]) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const definition = (name: RunMetricName) => {
    const { help, labels } = runMetrics[name];
    return { name, help, labelNames: [...labels], registers };
  };
  const counter = (name: RunMetricName) => new Counter<string>(definition(name));
  const gauge = (name: RunMetricName) => new Gauge<string>(definition(name));
  const buckets = (name: RunMetricName) => registerBucketSum(registry, name, runMetrics[name].help);

  gauge('plimsoll_run_info').set({ ...identity }, 1);
  const intended = counter('plimsoll_run_intended_messages_total');
  const sent = counter('plimsoll_run_sent_messages_total');
  const acknowledged = counter('plimsoll_run_acknowledged_messages_total');
  const failed = counter('plimsoll_run_failed_messages_total');
  const dropped = counter('plimsoll_run_dropped_messages_total');
  const bytes = counter('plimsoll_run_acknowledged_bytes_total');
  const consumed = counter('plimsoll_run_consumed_messages_total');
  const latency = buckets('plimsoll_run_latency_seconds');
  const service = buckets('plimsoll_run_service_seconds');
  const sendDelay = buckets('plimsoll_run_send_delay_seconds');
  const endToEnd = buckets('plimsoll_run_end_to_end_seconds');
  const lag = gauge('plimsoll_run_consumer_lag_messages');
  const target = gauge('plimsoll_run_target_messages_per_second');
  const step = gauge('plimsoll_run_step');
  const breaches = counter('plimsoll_run_guard_breaches_total');
  // Exported from the first page on, so that the first stop is an increase.
  const stops = counter('plimsoll_run_guard_stops_total');
  const eventLoop = gauge('plimsoll_run_event_loop_utilisation_ratio');
  const cpu = counter('plimsoll_run_worker_cpu_seconds_total');
  // prom-client starts metrics without labels at 0, but there is no step or rate yet.
  target.remove();
  step.remove();
  const totals = { acknowledged: 0, consumed: new Map(groups.map((group) => [group, 0])) };

  function showLag(): void {
    for (const [group, messages] of totals.consumed) {
      lag.set({ group }, Math.max(0, totals.acknowledged - messages));
    }
  }

  function addProduced(line: Extract<JournalLine, { kind: 'produced' }>): void {
    const { worker } = line;
    intended.inc({ worker }, line.intended);
    sent.inc({ worker }, line.sent);
    acknowledged.inc({ worker }, line.acknowledged);
    failed.inc({ worker }, line.failed);
    dropped.inc({ worker }, line.dropped ?? 0);
    bytes.inc({ worker }, line.bytes);
    latency.add(line.latency);
    sendDelay.add(line.sendDelay);
    if (line.service !== undefined) service.add(line.service);
    totals.acknowledged += line.acknowledged;
  }

  function addConsumed(line: Extract<JournalLine, { kind: 'consumed' }>): void {
    const { group, messages } = line;
    consumed.inc({ group }, messages);
    endToEnd.add(line.endToEnd, { group });
    totals.consumed.set(group, (totals.consumed.get(group) ?? 0) + messages);
  }

  return {
    add(line: JournalLine): void {
      switch (line.kind) {
        case 'warm-up-started':
          if (line.targetTps !== undefined) target.set(line.targetTps);
          return;
        case 'step-started':
          step.set(line.step + 1);
          if (line.targetTps === undefined) target.remove();
          else target.set(line.targetTps);
          return;
        case 'step-ended':
          step.remove();
          target.remove();
          return;
        case 'guard':
          breaches.inc({ input: line.input });
          stops.inc();
          return;
        case 'produced':
        case 'consumed':
          if (line.kind === 'produced') addProduced(line);
          else addConsumed(line);
          eventLoop.set({ worker: line.worker }, line.eventLoopUtilisation);
          cpu.inc({ worker: line.worker }, line.cpuSeconds);
          return showLag();
        default:
      }
    },
    /** Returns the page in Prometheus' text format 0.0.4. */
    render: async (): Promise<string> => withoutEmpty(await registry.metrics()),
  };
}

/** Removes families without samples: prom-client still prints their HELP and TYPE lines. */
const withoutEmpty = (page: string): string =>
  page
    .split(/\n\n(?=# HELP )/)
    .filter((family) => /^[^#\n]/m.test(family))
    .map((family) => family.trimEnd())
    .join('\n\n')
    .concat('\n');

interface Sum {
  /** Samples per bucket, not cumulative; they are added up when read. */
  counts: number[];
  count: number;
  seconds: number;
}

/** prom-client observes one sample per call; a second of a load test has a hundred thousand. */
function registerBucketSum(registry: Registry, name: string, help: string) {
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
