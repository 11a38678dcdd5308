// Builds the /metrics page from everything the clusters and hosts answer before the deadline.

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
    /** The cluster that has brokers on it. */
    cluster?: string | undefined;
  }[];
  /** Clusters that come and go; the same object as long as one stays. */
  discover?: (io: { signal: AbortSignal }) => Promise<readonly WatchedCluster[]>;
  clock: Clock;
  log: Logger;
  /** Where several exporters share the work: whether this one shows a cluster, or a host without one. Default: all. */
  owns?: (target: string) => boolean;
  /** Shown below those of the targets, in this order. Default: those of this process. */
  metrics?: readonly FamilySource[];
  /** Default: all there are. */
  registry?: CollectorRegistry;
}

export function createMetricsPage(watched: Watched) {
  const { metrics = [createProcessMetrics()], registry = collectors, discover, owns = () => true } = watched;
  const ofClusters = watched.clusters.map((cluster) => ({
    owned: cluster.name,
    scrape: createScrape(clusterTarget(cluster, registry), watched),
  }));
  const ofHosts = watched.hosts.map(({ name, probe, cluster }) => ({
    // With its brokers, so that they are joined on the page that has both.
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
    /** Never rejects: when the signal aborts, what has not answered by then is missing, and its success is 0. */
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
    /** How the last scrape of each target went; a target that was never scraped is not there. */
    states: () => states,
  };
}
