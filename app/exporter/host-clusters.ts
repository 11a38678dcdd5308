// Finds the cluster that a host is shown with, and warns about hosts without a cluster if exporters share the targets.

import { hostsOfProxies } from '../observe/host-names.ts';
import type { Config } from '../config/config-file.ts';

/** The first cluster with a broker on the host. */
export function clusterOn(host: string, { clusters }: Pick<Config, 'clusters'>): string | undefined {
  const [first, another] = Object.entries(clusters);
  if (another === undefined) return first?.[0];
  return Object.entries(clusters).find(([, { brokers }]) =>
    Object.values(brokers).some((broker) => broker.host === host),
  )?.[0];
}

/** A broker is joined to its host by address only if one page shows both. */
export function hostsWithoutCluster(config: Config): { path: string; message: string }[] {
  const { clusters, hosts, loadgen, exporter } = config;
  if (exporter.shards === undefined || Object.keys(clusters).length === 0) return [];
  const others = new Set([
    loadgen?.host,
    ...(loadgen?.workers?.machines ?? []).map(({ host }) => host),
    ...Object.values(clusters).flatMap((cluster) => hostsOfProxies(cluster, hosts)),
  ]);
  return Object.keys(hosts)
    .filter((host) => !others.has(host) && clusterOn(host, config) === undefined)
    .map((host) => ({
      path: `hosts.${host}`,
      message:
        'with exporter.shards, its brokers may be shown by another exporter without this host: name it under clusters.<name>.brokers',
    }));
}
