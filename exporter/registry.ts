// Loads all collectors; their names are in metrics and docs/reference/metrics.md.

import type { ClusterCollector, HostCollector } from './collector.ts';
import { type ClusterCollectorName, clusterCollectors, hostCollectors } from './collector-list.ts';

async function loaded<Name extends string, Loaded>(list: Readonly<Record<Name, () => Promise<Loaded>>>) {
  const all = Object.entries<() => Promise<Loaded>>(list).map(async ([name, load]) => [name, await load()] as const);
  return Object.fromEntries(await Promise.all(all)) as Record<Name, Loaded>;
}

export const collectors: Record<ClusterCollectorName, ClusterCollector> &
  Record<keyof typeof hostCollectors, HostCollector> = {
  ...(await loaded<ClusterCollectorName, ClusterCollector>(clusterCollectors)),
  ...(await loaded<keyof typeof hostCollectors, HostCollector>(hostCollectors)),
};
