// Provides simple domains, shapes and measurements for sizings.

import type {
  criticalities,
  BusinessDomain,
  Demand,
  Estimate,
  RefusedDomain,
  Shape,
} from '../../core/documents/cluster-plan.ts';
import type { Surroundings } from '../../analyzer/planning/sizing/trial.ts';
import { InverseFactors } from '../../analyzer/planning/sizing/inverse-factors.ts';
import type { Measured } from '../../analyzer/planning/sizing/measured.ts';
import { requestsOf, type ClusterRequest } from '../../analyzer/planning/sizing/request.ts';
import { sizeCluster } from '../../analyzer/planning/sizing/size-cluster.ts';
import { examplePolicy } from './example-policy.ts';
import { sizingPolicy, type SizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { planSamplesOf } from '../../analyzer/planning/sizing/plan-samples.ts';

export const about = (mid: number, spread = 0.2): Estimate => ({
  low: mid * (1 - spread),
  mid,
  high: mid * (1 + spread),
});

export interface DomainParts {
  name?: string;
  criticality?: (typeof criticalities)[number];
  demand?: Partial<Demand>;
  placement?: Partial<BusinessDomain['placement']>;
}

export function domainOf({
  name = 'orders',
  criticality = 'normal',
  demand,
  placement,
}: DomainParts = {}): BusinessDomain {
  return {
    name,
    owners: [],
    traits: ['general'],
    criticality,
    demand: {
      peakTps: about(20_000),
      averageTps: about(5000),
      messageBytes: about(1000),
      consumerGroups: 2,
      retentionSeconds: 86_400,
      growth: about(1.2, 0.1),
      promotion: { multiplier: about(2), days: 1 },
      order: 'none',
      loss: 'acknowledged',
      ...demand,
    },
    placement: {
      brokers: ['rocketmq', 'kafka'],
      zones: 3,
      clusters: { least: 1, most: 8 },
      survive: { brokers: 1, zones: 1, group: false },
      ...placement,
    },
  };
}

export const requestOf = (...domains: BusinessDomain[]): ClusterRequest => {
  const [request] = requestsOf(
    domains.map((domain) => ({ ...domain, placement: { ...domain.placement, cluster: 'cluster' } })),
  );
  if (request === undefined) throw new Error('no domain');
  return request;
};

export const shapes: readonly Shape[] = [
  shape('small', 8, 16, 0.5, 1, 300),
  shape('middle', 24, 48, 2, 10, 900),
  shape('large', 48, 192, 8, 25, 2600),
];

function shape(name: string, cores: number, gib: number, diskTb: number, gbit: number, pricePerMonth: number): Shape {
  return {
    name,
    cores,
    memoryBytes: gib * 2 ** 30,
    diskBytes: diskTb * 1e12,
    diskWriteBytesPerSecond: 3e8,
    networkBitsPerSecond: gbit * 1e9,
    pricePerMonth,
  };
}

export const measuredAs = ({ saturationTps = 28_000, ...over }: Partial<Measured>): Measured => ({
  broker: 'rocketmq',
  mode: 'dledger',
  replicas: 3,
  shape: 'middle',
  masters: 1,
  messageBytes: 1000,
  consumerGroups: 2,
  safeTps: about(20_000),
  saturationTps,
  seenTps: saturationTps,
  resource: 'cpu',
  isAtLeast: false,
  source: 'a load test',
  assumptions: [],
  ...over,
});

/** Measurements for every way to run brokers. */
export const measurements: readonly Measured[] = [
  measuredAs({}),
  measuredAs({ mode: 'controller', safeTps: about(30_000), saturationTps: 42_000 }),
  measuredAs({ mode: 'master-slave', replicas: 2, safeTps: about(40_000), saturationTps: 56_000 }),
  measuredAs({ mode: 'single', replicas: 1, safeTps: about(50_000), saturationTps: 70_000, resource: 'disk-io' }),
  measuredAs({ broker: 'kafka', mode: 'kraft', masters: 3, safeTps: about(150_000), saturationTps: 200_000 }),
];

export function surroundingsOf(over: Partial<Surroundings> & { seed?: string; count?: number } = {}): Surroundings {
  const { seed = 'test', count = 64, ...rest } = over;
  const samples = planSamplesOf(seed, count);
  return {
    shapes,
    measurements,
    policy: sizingPolicy(examplePolicy(), {}),
    samples,
    factors: new InverseFactors(samples),
    ...rest,
  };
}

export const policyWith = (over: Partial<SizingPolicy>): SizingPolicy => ({
  ...sizingPolicy(examplePolicy(), {}),
  ...over,
});

/** A domain as `plimsoll size` refuses it. */
export function refusedDomains(parts: DomainParts, over: Partial<Surroundings> = {}): RefusedDomain[] {
  const sized = sizeCluster(requestOf(domainOf(parts)), surroundingsOf(over), 'hosts');
  if (sized.kind === 'planned') throw new Error('planned');
  return sized.refused;
}
