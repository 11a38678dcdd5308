// What does /metrics say? Everything the configured clusters and hosts answer before the deadline, and what did not.

import type { ClusterInspector } from '../brokers/driver.ts';
import type { BrokerKind } from '../core/cluster.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { HostProbe } from '../hosts/probe.ts';
import type { Collection, Measurement } from './collector.ts';
import {
  createFamilies,
  renderLines,
  type Definitions,
  type Families,
  type Lines,
  type Origin,
} from './exposition/families.ts';
import { ownMetrics } from './own-metrics.ts';
import { createProcessMetrics } from './process-metrics.ts';
import { collectors } from './registry.ts';
import { clusterTarget, hostTarget, type CollectorRegistry, type Target } from './target.ts';

export interface MetricsPage {
  /** Never rejects: when the signal aborts, what has not answered by then is missing, and its success is 0. */
  render(io: { signal: AbortSignal }): Promise<string>;
}

export interface Watched {
  clusters: readonly { name: string; kind: BrokerKind; inspector: ClusterInspector }[];
  hosts: readonly { name: string; probe: HostProbe }[];
  clock: Clock;
  log: Logger;
  /** Default: those of this process. */
  processMetrics?: { metrics(): Promise<string> };
  /** Default: all there are. */
  registry?: CollectorRegistry;
}

/** Reads one cluster or host and returns how its lines get onto the page. */
type Scrape = (io: { signal: AbortSignal }) => Promise<(page: Families) => void>;

export function createMetricsPage(watched: Watched): MetricsPage {
  const { processMetrics = createProcessMetrics(), registry = collectors } = watched;
  const scrapes = [
    ...watched.clusters.map(({ name, kind, inspector }) =>
      scrapeOf(clusterTarget(name, kind, inspector, registry), watched),
    ),
    ...watched.hosts.map(({ name, probe }) => scrapeOf(hostTarget(name, probe, registry), watched)),
  ];
  return {
    async render(io) {
      const page = createFamilies();
      for (const put of await Promise.all(scrapes.map((scrape) => scrape(io)))) put(page);
      return [...page.chunks(), await processMetrics.metrics()].join('');
    },
  };
}

function scrapeOf<Context>(target: Target<Context>, { clock, log }: Pick<Watched, 'clock' | 'log'>): Scrape {
  const { label, name } = target;
  const origin: Origin = { names: [label], values: [name] };
  const talk = log.child({ [label]: name });

  return async (io) => {
    const began = clock.monotonic();
    const context = await readOrTell(target, io, talk);
    const own: Measurement[] = [
      { metric: `plimsoll_${label}_up`, labels: [], value: Number(context !== undefined) },
      { metric: 'plimsoll_scrape_read_duration_seconds', labels: [], value: clock.monotonic() - began },
      ...(context === undefined ? [] : target.measure(context)),
    ];
    const sections: { definitions: Definitions; lines: Lines }[] = [];
    for (const { name: collector, metrics, collect } of target.collectors) {
      const started = clock.monotonic();
      const answer = context === undefined ? undefined : () => collect(context);
      const lines = await renderCollector(metrics, origin, answer, talk.child({ collector }));
      const seconds = clock.monotonic() - started;
      if (lines !== undefined) sections.push({ definitions: metrics, lines });
      own.push(
        { metric: 'plimsoll_scrape_collector_success', labels: [collector], value: Number(lines !== undefined) },
        { metric: 'plimsoll_scrape_collector_duration_seconds', labels: [collector], value: seconds },
      );
    }
    sections.push({ definitions: ownMetrics, lines: await renderLines(ownMetrics, origin, own) });
    return (page) => {
      for (const { definitions, lines } of sections) page.add(definitions, lines);
    };
  };
}

async function readOrTell<Context>(
  target: Target<Context>,
  io: { signal: AbortSignal },
  log: Logger,
): Promise<Context | undefined> {
  try {
    const context = await target.read(io);
    for (const { part, message } of target.failures(context)) {
      log.warn({ part, reason: message }, 'cannot read a part, its series are missing from this page');
    }
    return context;
  } catch (error) {
    // A fault has words of its own; only what nobody foresaw is logged with its stack.
    const told =
      error instanceof AppError
        ? { code: error.code, reason: error.message }
        : io.signal.aborted
          ? { reason: 'no answer in time' }
          : { err: error };
    log.warn(told, 'cannot read, its series are missing from this page');
    return undefined;
  }
}

/** @returns undefined when the collector has nothing to show for itself: all its lines are on the page, or none */
async function renderCollector(
  definitions: Definitions,
  origin: Origin,
  answer: (() => Collection) | undefined,
  log: Logger,
): Promise<Lines | undefined> {
  try {
    const collection = answer?.();
    if (collection?.kind === 'ok') return await renderLines(definitions, origin, collection.measurements);
    if (collection !== undefined) log.debug({ reason: collection.reason }, 'collector has no data');
  } catch (err) {
    log.error({ err }, 'collector failed, its series are missing from this page');
  }
  return undefined;
}
