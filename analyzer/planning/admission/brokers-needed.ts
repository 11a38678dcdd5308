// Computes how many brokers a plan would have with a new topic, with the reserve for uncertain figures that `size` keeps.

import type { BusinessDomain, ClusterPlan, Estimate } from '../../../core/documents/cluster-plan.ts';
import { defined } from '../../../core/defined.ts';
import { underObjective } from '../sizing/latency-objective.ts';
import { demandDraws } from '../sizing/plan-samples.ts';
import type { ClusterRequest } from '../sizing/request.ts';
import { setupOf, type Surroundings } from '../sizing/trial.ts';
import type { TopicRequest } from './topic-request.ts';

interface Planned {
  plan: ClusterPlan;
  domain: BusinessDomain;
  request: ClusterRequest;
  /** Clusters over which the demand of the request is divided. */
  clusters: number;
}

interface BrokersNeeded {
  without: number;
  with: number;
  /** No number is enough with the topic; `with` is then above the largest cluster. */
  isBeyondQueue: boolean;
}

/**
 * @returns brokers that accept messages, for the setup and hosts of the plan; undefined if a domain of the plan is not in the request, or
 * nothing comparable was measured
 */
export function brokersNeeded(
  topic: TopicRequest,
  { plan, domain, request, clusters }: Planned,
  given: Surroundings,
): BrokersNeeded | undefined {
  const requested = new Set(request.domains.map(({ name }) => name));
  if (plan.domains.some(({ name }) => !requested.has(name))) return undefined;
  const own = asDomain(topic, domain, clusters);
  const { broker, mode, replicas, shape } = plan;
  const surroundings = { ...given, measurements: underObjective(given.measurements, request) };
  const caps = { clusters, masters: given.policy.clusterBrokers.value };
  // The topic grows like its domain in every sample.
  const drawsOf = (each: BusinessDomain) => {
    const draws = demandDraws(each, given.samples);
    if (each !== own) return draws;
    const { growth, promotion } = demandDraws(domain, given.samples);
    return { ...draws, growth, promotion };
  };
  const neededBy = (domains: readonly BusinessDomain[]) =>
    setupOf({ ...request, domains }, { broker, mode, replicas }, surroundings, caps, drawsOf)
      .on(shape)
      ?.recommended(clusters);
  const [without, added] = [neededBy(request.domains), neededBy([...request.domains, own])];
  if (without === undefined || added === undefined) return undefined;
  const isBeyondQueue = added.isOneQueue && added.masters > caps.masters;
  return { without: without.masters, with: added.masters, isBeyondQueue };
}

const exactly = (value: number): Estimate => ({ low: value, mid: value, high: value });

/** One of the clusters takes the whole topic, and demand is divided over all of them. */
function asDomain(topic: TopicRequest, domain: BusinessDomain, clusters: number): BusinessDomain {
  const { peakTps, averageTps = peakTps, messageBytes, consumerGroups, retention, partitions } = topic;
  const { compressionRatio, messagesPerRequest, keyBytes } = topic;
  const { growth, promotion, order, loss } = domain.demand;
  return {
    ...domain,
    name: `${domain.name}/${topic.topic}`,
    demand: {
      peakTps: exactly(clusters * peakTps),
      averageTps: exactly(clusters * averageTps),
      messageBytes: exactly(messageBytes),
      consumerGroups,
      partitions: clusters * partitions,
      retentionSeconds: retention,
      growth,
      promotion,
      order,
      loss,
      ...defined({ compressionRatio, messagesPerRequest, keyBytes }),
    },
  };
}
