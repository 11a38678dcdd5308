// Defines what is read for one cluster or host, and which collectors use it.

import type { ClusterInspector } from '../brokers/driver.ts';
import { brokerAnswers, type BrokerAnswers } from '../brokers/broker-answers.ts';
import type { ClusterSnapshot, Section } from '../brokers/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { BrokerKind } from '../core/cluster.ts';
import type { GcLogReading } from '../core/documents/evidence/gc-log-reading.ts';
import {
  readingSections,
  type HostInventory,
  type HostReading,
  type ReadingSection,
} from '../core/documents/evidence/host-reading.ts';
import { earlierReadings, withReading } from '../core/earlier-readings.ts';
import { ignoreFault } from '../core/errors.ts';
import type { HostProbe } from '../hosts/probe.ts';
import type {
  ClusterCollector,
  Collection,
  Collector,
  HostCollector,
  Measurement,
  MetricDefinition,
} from './collector.ts';
import type { Origin } from './exposition/text-format.ts';
import type { LagTimes } from './lag/lag-times.ts';
import { sectionMeasurements } from './section-metrics.ts';
import { createSeriesBudget, type KeepWithinBudget } from './series-budget.ts';
import { showOnly, type ShownNames } from './shown-snapshot.ts';

export interface Target<Context> {
  label: 'cluster' | 'host';
  name: string;
  /** For a cluster. */
  kind?: BrokerKind;
  /** Labels of every series: `cluster` or `host`, or none for a single target. */
  origin: Origin;
  read(io: { signal: AbortSignal }): Promise<Context>;
  collectors: readonly {
    name: string;
    metrics: Readonly<Record<string, MetricDefinition>>;
    collect(context: Context): Collection;
  }[];
  withinBudget: KeepWithinBudget;
  /** Metrics about the reading. */
  measure(context: Context): Iterable<Measurement>;
  /** Parts that are read separately. */
  sections(context: Context): readonly Section[];
  /** Whether brokers responded for this page; values from earlier readings do not count. For a host that was read: `some`. */
  answers(context: Context): BrokerAnswers;
}

export type CollectorRegistry = Readonly<Record<string, Collector>>;

export interface WatchedCluster {
  name: string;
  kind: BrokerKind;
  inspector: ClusterInspector;
  /** Default: all names. */
  shown?: ShownNames;
  /** Default: no limit. */
  maxSeries?: number;
  /** Collectors to use. Default: all. */
  chosen?: ReadonlySet<string>;
  /** Converts lag to seconds; keeps a history of snapshots. */
  lagClock?: { observe(snapshot: ClusterSnapshot): LagTimes };
}

export function clusterTarget(
  { name, kind, inspector, shown = everything, maxSeries = Infinity, chosen, lagClock }: WatchedCluster,
  registry: CollectorRegistry,
  origin: Origin = { names: ['cluster'], values: [name] },
): Target<{ snapshot: ClusterSnapshot; lagTimes?: LagTimes }> {
  const requests = new Map<string, number>();
  const selected = Object.entries(registry)
    .filter(([collector]) => chosen?.has(collector) ?? true)
    .filter((entry): entry is [string, ClusterCollector] => entry[1].of === 'cluster' || entry[1].of === kind);
  const isTimed = selected.some(([, { usesLagTimes }]) => usesLagTimes);
  return {
    label: 'cluster',
    name,
    kind,
    origin,
    async read(io) {
      const whole = await inspector.snapshot(io);
      for (const [api, count] of Object.entries(whole.requests ?? {})) {
        requests.set(api, (requests.get(api) ?? 0) + count);
      }
      const snapshot = showOnly(whole, shown);
      const lagTimes = isTimed ? lagClock?.observe(snapshot) : undefined;
      return { snapshot, ...(lagTimes !== undefined && { lagTimes }) };
    },
    collectors: selected.map(([name, collector]) => ({ name, ...collector })),
    withinBudget: createSeriesBudget(maxSeries),
    *measure({ snapshot }) {
      yield* sectionMeasurements(snapshot.sections);
      for (const [api, value] of requests) {
        yield { metric: 'plimsoll_cluster_requests_total', labels: [api], value };
      }
      if (maxSeries !== Infinity) yield { metric: 'plimsoll_scrape_series_limit', labels: [], value: maxSeries };
    },
    sections: ({ snapshot }) => snapshot.sections,
    answers: ({ snapshot }) => brokerAnswers(snapshot.sections),
  };
}

const everything: ShownNames = { topics: { deny: [] }, groups: { deny: [] } };

/** No metric uses the queues, which require a program to read. */
const allSections: ReadonlySet<ReadingSection> = new Set(readingSections.filter((section) => section !== 'queues'));

export function hostTarget(
  name: string,
  probe: HostProbe,
  registry: CollectorRegistry,
  clock: Pick<Clock, 'monotonic'>,
): Target<{ reading: HostReading; inventory: HostInventory; before?: HostReading }> {
  let kept: { atSeconds: number; reading: HostReading }[] = [];
  return {
    label: 'host',
    name,
    origin: { names: ['host'], values: [name] },
    async read(io) {
      const inventory = probe.describe(io).catch(ignoreFault('a host without inventory still has its counters'));
      const reading = await probe.sample(allSections, io);
      const atSeconds = clock.monotonic();
      const earlier = earlierReadings(kept, atSeconds);
      const before = earlier[0]?.reading;
      kept = withReading(earlier, { atSeconds, reading });
      return { reading, inventory: (await inventory) ?? { host: name }, ...(before && { before }) };
    },
    collectors: Object.entries(registry)
      .filter((entry): entry is [string, HostCollector] => entry[1].of === 'host')
      .map(([name, collector]) => ({ name, ...collector })),
    withinBudget: createSeriesBudget(Infinity),
    measure: () => [],
    sections: ({ reading }) => [
      ...Object.entries(reading.unread ?? {}).map(([section, reason]) => ({
        section,
        kind: 'missing' as const,
        reason,
      })),
      ...(reading.gcLogs ?? []).flatMap(gcLogInTrouble),
    ],
    answers: () => 'some',
  };
}

function gcLogInTrouble({ name, trouble }: GcLogReading): Section[] {
  return trouble === undefined ? [] : [{ section: `GC log ${name}`, kind: 'kept', reason: trouble }];
}
