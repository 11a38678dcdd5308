// Builds the proposed clusters of a plan from its domains and the proposed machines.

import { hostsOf } from '../../analyzer/planning/sizing/hosts.ts';
import type { SizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import type { ClusterPlan, ClusterPlans } from '../../core/documents/cluster-plan.ts';
import { AppError } from '../../core/errors.ts';

/** @throws AppError usage if there is no proposal, or one without measurement, or with machines that the plan does not describe */
export function proposedClusters(plans: ClusterPlans, policy: SizingPolicy): ClusterPlan[] {
  const judged = plans.judged ?? [];
  if (judged.length === 0) {
    throw new AppError('usage', '--proposed: no domain of this plan has a proposal', {
      hint: 'write `proposed` below a domain; examples/domains-article.yaml shows one',
    });
  }
  return judged.map(({ domain, broker, mode, shape: shapeName, masters, replicas, promise, resources }) => {
    const planned = plans.clusters.filter(({ domains }) => domains.some(({ name }) => name === domain));
    const [like] = planned;
    const shape = plans.clusters.find((each) => each.shape.name === shapeName)?.shape;
    if (like === undefined || shape === undefined || promise === undefined) {
      const why = promise === undefined ? 'was never measured' : `uses ${shapeName}, which no planned cluster defines`;
      throw new AppError('usage', `--proposed: what was proposed for ${domain} ${why}`);
    }
    const name = `${domain}-proposed`;
    return {
      ...like,
      name,
      broker,
      mode,
      replicas,
      // A proposal is one cluster of one domain. The plan may have several, shared with other domains.
      domains: like.domains
        .filter((each) => each.name === domain)
        .map((each) => ({
          ...each,
          share: Math.min(1, each.share * planned.length),
          averageTps: each.averageTps * planned.length,
          usualTps: each.usualTps * planned.length,
          promotionDayTps: each.promotionDayTps * planned.length,
          partitions: each.partitions * planned.length,
          peakTps: promise.peakTps,
        })),
      shape,
      masters,
      ...hostsOf(name, { broker, mode, replicas }, masters, Math.max(1, like.zones.length), policy),
      promise,
      resources,
    };
  });
}
