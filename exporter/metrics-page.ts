// Builds the /metrics page from the responses of clusters and hosts before the deadline.

import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { HostProbe } from '../hosts/probe.ts';
import { createFamilies, type Page } from './exposition/families.ts';
import { createProcessMetrics } from './process-metrics.ts';
import type { FamilySource } from './prom-client-families.ts';
import { collectors } from './registry.ts';
import { createScrape, type Scrape, type TargetState } from './scrape-target.ts';
import { clusterTarget, hostTarget, type CollectorRegistry, type WatchedCluster } from './target.ts';

export type MetricsPage = ReturnType<typeof createMetricsPage>;

export interface Watched {
  clusters: readonly WatchedCluster[];
  hosts: readonly {
    name: string;
    probe: HostProbe;
    /** Cluster with brokers on the host. */
    cluster?: string | undefined;
  }[];
  /** Clusters that may change; an unchanged cluster is the same object. */
  discover?: (io: { signal: AbortSignal }) => Promise<readonly WatchedCluster[]>;
  clock: Clock;
  log: Logger;
  /** Whether this exporter shows a cluster, or a host without one, if several share the work. Default: all. */
  owns?: (target: string) => boolean;
  /** Metrics after those of the targets, in this order. Default: those of this process. */
  metrics?: readonly FamilySource[];
  /** Default: all collectors. */
  registry?: CollectorRegistry;
}

export function createMetricsPage(watched: Watched) {
  const { metrics = [createProcessMetrics()], registry = collectors, discover, owns = () => true } = watched;
  const ofClusters = watched.clusters.map((cluster) => ({
    owned: cluster.name,
    scrape: createScrape(clusterTarget(cluster, registry), watched),
  }));
  const ofHosts = watched.hosts.map(({ name, probe, cluster }) => ({
    // Grouped with the cluster of its brokers, so that one page can join them.
    owned: cluster ?? `host ${name}`,
    scrape: createScrape(hostTarget(name, probe, registry, watched.clock), watched),
  }));
  const ours = (targets: readonly { owned: string; scrape: Scrape }[]) =>
    targets.filter(({ owned }) => owns(owned)).map(({ scrape }) => scrape);
  const ofDiscovered = new WeakMap<WatchedCluster, Scrape>();
  let states: readonly TargetState[] = [];

  async function scrapesOf(io: { signal: AbortSignal }): Promise<readonly Scrape[]> {
    const discovered = (await discover?.(io)) ?? [];
    const shown = discovered.filter(({ name }) => owns(name));
    return shown.map((cluster) => {
      const known = ofDiscovered.get(cluster) ?? createScrape(clusterTarget(cluster, registry), watched);
      ofDiscovered.set(cluster, known);
      return known;
    });
  }

  return {
    /** Never rejects: targets without a response before the signal aborts are missing, with success 0. */
    async render(io: { signal: AbortSignal }): Promise<Page> {
      const page = createFamilies();
      const scrapeAll = (scrapes: readonly Scrape[]) => Promise.all(scrapes.map((scrape) => scrape(io)));
      // Configured clusters do not wait for discovery.
      const scraped = (
        await Promise.all([scrapeAll(ours(ofClusters)), scrapesOf(io).then(scrapeAll), scrapeAll(ours(ofHosts))])
      ).flat();
      for (const { parts } of scraped) for (const { definitions, lines } of parts) page.add(definitions, lines);
      for (const source of metrics) {
        const { definitions, lines } = await source();
        page.add(definitions, lines);
      }
      states = scraped.map(({ state }) => state);
      return page;
    },
    /** Result of the last scrape of each target; absent before the first. */
    states: () => states,
  };
}
