// Groups domains to cluster requests: one per domain, or one for all domains that name the cluster.

import type { BusinessDomain } from '../../../core/documents/cluster-plan.ts';
import type { ClusterRequest } from './request.ts';

export function requestsOf(domains: readonly BusinessDomain[]): ClusterRequest[] {
  const clusters = Map.groupBy(domains, ({ name, placement }) => placement.cluster ?? name);
  return [...clusters].map(([name, members]) => {
    const most = (pick: (domain: BusinessDomain) => number) => Math.max(...members.map(pick));
    return {
      name,
      domains: members,
      clusters: {
        least: most(({ placement }) => placement.clusters.least),
        most: Math.min(...members.map(({ placement }) => placement.clusters.most)),
      },
      zones: most(({ placement }) => placement.zones),
      survive: {
        brokers: most(({ placement }) => placement.survive.brokers),
        zones: most(({ placement }) => placement.survive.zones),
        group: members.some(({ placement }) => placement.survive.group),
      },
    };
  });
}
