// Finds clusters that occur under two names in the config, by their configured ids.

import type { ClusterId } from '../../brokers/cluster-id.ts';
import type { Config } from './config-file.ts';

/** @returns paths in the config file, such as `clusters.orders` */
export function repeatedClusters({ clusters }: Pick<Config, 'clusters'>): { path: string; message: string }[] {
  const entries = Object.entries(clusters);
  return entries.flatMap(([name, { clusterId }], index) => {
    const same = entries.slice(0, index).find(([, before]) => isSameId(before.clusterId, clusterId));
    return same === undefined
      ? []
      : [
          {
            path: `clusters.${name}`,
            message: `clusterId is that of clusters.${same[0]}, so totals count this cluster twice: remove one of them`,
          },
        ];
  });
}

/** Each entry of a RocketMQ cluster may list different brokers. */
function isSameId(one: ClusterId | undefined, other: ClusterId | undefined): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one !== undefined && one === other;
  return one.brokers.some((broker) => other.brokers.includes(broker));
}
