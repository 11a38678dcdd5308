// Tries a setup on a host type with a number of brokers, and finds the number with the least regret, for plans and proposals.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BusinessDomain, Criticality, Shape } from '../../../core/documents/cluster-plan.ts';
import { capacityOf, type ShapeCapacity } from './capacity.ts';
import { type Scenario, scenariosOf } from './scenarios.ts';
import { loadDraws, type LoadDraws, partitionsCounted } from './cluster-load-draws.ts';
import { Fit } from './fit.ts';
import type { InverseFactors } from './inverse-factors.ts';
import { leastRegret, regretOf, type Regret } from './least-regret.ts';
import { LoadTerms } from './load-terms.ts';
import type { Measured } from './measured.ts';
import { demandDraws, type DemandDraws, type PlanSamples } from './plan-samples.ts';
import type { Build, ClusterRequest } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

export interface Surroundings {
  shapes: readonly Shape[];
  measurements: readonly Measured[];
  policy: SizingPolicy;
  samples: PlanSamples;
  factors: InverseFactors;
}

export interface Trial {
  build: Build;
  shape: Shape;
  capacity: ShapeCapacity;
  load: LoadDraws;
  scenarios: readonly Scenario[];
  fit: Fit;
  /** The demand is divided over this many equal clusters. */
  clusters: number;
  /** Per cluster. */
  masters: number;
  least: number;
  step: number;
  /** One broker accepts everything, the others are standby. */
  isOneQueue: boolean;
  /** Per cluster and sample. */
  needed: Int32Array;
  /** Before rounding up. */
  exact: Float64Array;
}

/** Largest allowed plan. */
export interface Caps {
  clusters: number;
  masters: number;
}

export function setupOf(
  request: ClusterRequest,
  build: Build,
  { shapes, measurements, policy, samples, factors }: Surroundings,
  caps: Caps,
  drawsOf: (domain: BusinessDomain) => DemandDraws = (domain) => demandDraws(domain, samples),
) {
  const scenarios = scenariosOf(build, request, policy);
  const regret = regretOf(policy, criticalityOf(request));
  const [least, step] = [leastMasters(build, request), stepOf(build, request)];
  const isOneQueue = request.domains.some(({ demand }) => demand.order === 'global');
  const beyond = caps.masters + 1;
  const queue = isOneQueue ? { beyondOneQueue: beyond } : {};
  const loads = new Map<string, { load: LoadDraws; terms: LoadTerms }>();

  /** More brokers may have more partitions, and therefore more stored data. */
  function loadOn(clusters: number, masters: number) {
    const brokers = { ...build, clusters, masters };
    const key = request.domains.map((domain) => partitionsCounted(domain, brokers)).join();
    return getOrMake(loads, key, () => {
      const load = loadDraws(request, brokers, samples, policy, drawsOf);
      return { load, terms: new LoadTerms(load, scenarios) };
    });
  }

  function wanted({ needed, clusters }: Trial): number {
    const fewest = needed.reduce((fewer, masters) => Math.min(fewer, masters));
    // Too many in every sample, so regret does not matter.
    if (fewest > caps.masters && clusters < caps.clusters) return fewest;
    return isOneQueue ? forOneQueue(needed, beyond, regret, step) : leastRegret(needed, regret, step);
  }

  const { load: asRequested } = loadOn(1, 1);
  return {
    /** Messages per second at the planned peak of all clusters, for the median. */
    peakTps: asRequested.peakTps[samples.count] as number,
    /** @returns undefined if nothing comparable was measured */
    on(shape: Shape) {
      const capacity = capacityOf(shape, build, asRequested, measurements, shapes, policy);
      if (capacity === undefined) return undefined;
      const at = (clusters: number, masters: number): Trial => {
        const { load, terms } = loadOn(clusters, masters);
        const fit = new Fit(terms, capacity, factors, { clusters, ...share(policy) });
        const { whole: needed, exact } = fit.needed({ least, step, ...queue });
        const parts = { build, shape, capacity, load, scenarios, fit, least, step, isOneQueue };
        return { ...parts, clusters, masters, needed, exact };
      };
      return {
        at,
        /** @returns the number of brokers with the least regret; above the cap, the number for the partitions of fewer brokers */
        recommended(clusters: number): Trial {
          let trial = at(clusters, 1);
          let enough = wanted(trial);
          // Enough for the partitions of fewer brokers; with their own partitions, a few more may be needed.
          for (let masters = enough; masters <= caps.masters; masters += step) {
            if (loadOn(clusters, masters).load !== trial.load) {
              trial = at(clusters, masters);
              enough = wanted(trial);
            }
            if (enough <= masters) return { ...trial, masters };
          }
          return { ...trial, masters: enough };
        },
      };
    },
  };
}

/** Either a queue is too slow for a tenth of the samples, or it is fast enough; more brokers do not help in either case. */
function forOneQueue(needed: Int32Array, beyond: number, regret: Regret, step: number): number {
  const fitting = needed.filter((masters) => masters < beyond);
  if (fitting.length < 0.9 * needed.length) return beyond;
  const most = fitting.reduce((largest, masters) => Math.max(largest, masters));
  return leastRegret(
    needed.map((masters) => Math.min(masters, most)),
    regret,
    step,
  );
}

export const share = ({ dailyShare }: SizingPolicy) => (dailyShare === undefined ? {} : { dailyShare });

/** Kafka has equally many brokers in each zone: a single broker in a zone would hold a copy of every partition. */
const stepOf = ({ broker }: Build, { zones }: ClusterRequest): number =>
  traitsOf(broker).copies === 'any-broker' ? zones : 1;

/** On Kafka at least the copies of a message; one per zone if a zone and its masters may be lost. */
const leastMasters = (build: Build, { survive }: ClusterRequest): number =>
  traitsOf(build.broker).copies === 'any-broker' ? Math.max(build.replicas, 1 + survive.brokers) : 1;

/** The most critical domain determines the criticality of a cluster. */
export function criticalityOf({ domains }: Pick<ClusterRequest, 'domains'>): Criticality {
  const all = new Set(domains.map(({ criticality }) => criticality));
  return all.has('critical') ? 'critical' : all.has('normal') ? 'normal' : 'best-effort';
}
