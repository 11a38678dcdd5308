// What does /metrics say? Everything the configured clusters and hosts answer before the deadline, and what did not.

import type { ClusterInspector } from '../brokers/driver.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { HostInventory, HostReading } from '../core/host-reading.ts';
import type { Logger } from '../core/log.ts';
import type { HostProbe } from '../hosts/probe.ts';
import type { ClusterCollector, Collection, Collector, HostCollector, Measurement } from './collector.ts';
import { createFamilies, renderLines, type Definitions, type Lines, type Origin } from './exposition/families.ts';
import { ownMetrics } from './own-metrics.ts';
import { createProcessMetrics } from './process-metrics.ts';
import { collectors } from './registry.ts';
import { shareReading } from './shared-reading.ts';

export interface MetricsPage {
  /** Never rejects: when the signal aborts, what has not answered by then is missing, and its success is 0. */
  render(io: { signal: AbortSignal }): Promise<string>;
}

export interface Watched {
  clusters: readonly { name: string; inspector: ClusterInspector }[];
  hosts: readonly { name: string; probe: HostProbe }[];
  clock: Clock;
  log: Logger;
  /** Default: those of this process. */
  processMetrics?: { metrics(): Promise<string> };
  /** Default: all there are. */
  collectors?: Readonly<Record<string, Collector>>;
}

type Io = { signal: AbortSignal };

/** One cluster or host: reads itself, then asks the collectors for it. */
interface Target {
  label: 'cluster' | 'host';
  name: string;
  read(io: Io): Promise<Answers>;
  collectors: readonly string[];
}

interface Answers {
  collect(collector: string): Collection;
  measurements: readonly Measurement[];
}

interface Section {
  definitions: Definitions;
  lines: Lines;
}

export function createMetricsPage(watched: Watched): MetricsPage {
  const { clock, log, processMetrics = createProcessMetrics() } = watched;
  const registered: Readonly<Record<string, Collector>> = watched.collectors ?? collectors;
  const targets = [
    ...watched.clusters.map(({ name, inspector }) => clusterTarget(name, inspector, registered)),
    ...watched.hosts.map(({ name, probe }) => hostTarget(name, probe, registered)),
  ];

  /** The collectors' sections in the order of the registry, then what is to say of the reading. */
  async function scrape(target: Target, io: Io): Promise<Section[]> {
    const origin: Origin = { names: [target.label], values: [target.name] };
    const talk = log.child({ [target.label]: target.name });
    const began = clock.monotonic();
    const answers = await target.read(io).catch((error: unknown) => {
      talk.warn({ err: error }, 'cannot read, its series are missing from this page');
      return undefined;
    });
    const own: Measurement[] = [
      { metric: `plimsoll_${target.label}_up`, labels: [], value: Number(answers !== undefined) },
      { metric: 'plimsoll_scrape_read_duration_seconds', labels: [], value: clock.monotonic() - began },
      ...(answers?.measurements ?? []),
    ];
    const sections: Section[] = [];
    for (const collector of target.collectors) {
      const started = clock.monotonic();
      const definitions = registered[collector]?.metrics ?? {};
      const lines = await renderCollector(collector, definitions, origin, answers, talk);
      if (lines !== undefined) sections.push({ definitions, lines });
      own.push(
        { metric: 'plimsoll_scrape_collector_success', labels: [collector], value: Number(lines !== undefined) },
        {
          metric: 'plimsoll_scrape_collector_duration_seconds',
          labels: [collector],
          value: clock.monotonic() - started,
        },
      );
    }
    sections.push({ definitions: ownMetrics, lines: await renderLines(ownMetrics, origin, own) });
    return sections;
  }

  return {
    async render(io) {
      const families = createFamilies();
      const scraped = await Promise.all(targets.map((target) => scrape(target, io)));
      for (const { definitions, lines } of scraped.flat()) families.add(definitions, lines);
      return [...families.chunks(), await processMetrics.metrics()].join('');
    },
  };
}

/** @returns undefined when the collector has nothing to show for itself; all its lines or none are on the page */
async function renderCollector(
  collector: string,
  definitions: Definitions,
  origin: Origin,
  answers: Answers | undefined,
  log: Logger,
): Promise<Lines | undefined> {
  if (answers === undefined) return undefined;
  try {
    const collection = answers.collect(collector);
    if (collection.kind === 'ok') return await renderLines(definitions, origin, collection.measurements);
    log.debug({ collector, reason: collection.reason }, 'collector has no data');
  } catch (err) {
    log.error({ collector, err }, 'collector failed');
  }
  return undefined;
}

function clusterTarget(
  name: string,
  inspector: ClusterInspector,
  registered: Readonly<Record<string, Collector>>,
): Target {
  const mine = new Map(
    Object.entries(registered).filter((entry): entry is [string, ClusterCollector] => entry[1].of === 'cluster'),
  );
  const read = shareReading<ClusterSnapshot>((io) => inspector.snapshot(io));
  return {
    label: 'cluster',
    name,
    collectors: [...mine.keys()],
    async read(io) {
      const snapshot = await read(io);
      return {
        collect: (collector) => mine.get(collector)!.collect({ snapshot }),
        measurements: [{ metric: 'plimsoll_cluster_unread_parts', labels: [], value: snapshot.failures.length }],
      };
    },
  };
}

function hostTarget(name: string, probe: HostProbe, registered: Readonly<Record<string, Collector>>): Target {
  const mine = new Map(
    Object.entries(registered).filter((entry): entry is [string, HostCollector] => entry[1].of === 'host'),
  );
  const sample = shareReading<HostReading>((io) => probe.sample(io));
  const describe = shareReading<HostInventory>((io) => probe.describe(io));
  return {
    label: 'host',
    name,
    collectors: [...mine.keys()],
    async read(io) {
      // A machine that cannot be described still has its counters.
      const inventory = describe(io).catch((): HostInventory => ({ host: name }));
      const context = { reading: await sample(io), inventory: await inventory };
      return { collect: (collector) => mine.get(collector)!.collect(context), measurements: [] };
    },
  };
}
