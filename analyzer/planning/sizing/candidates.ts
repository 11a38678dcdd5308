// Enumerates the combinations of shape, setup and number of brokers for a cluster.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Criticality, Rejection, Shape } from '../../../core/documents/cluster-plan.ts';
import { anyShape, rejected, type BuildChoice } from './builds.ts';
import { capacityOf, type ShapeCapacity } from './capacity.ts';
import { loadDraws, type LoadDraws } from './cluster-load-draws.ts';
import { leastRegret, regretOf, type Regret } from './least-regret.ts';
import type { Measured } from './measured.ts';
import { Fit } from './fit.ts';
import type { InverseFactors } from './inverse-factors.ts';
import { LoadTerms } from './load-terms.ts';
import { hostsPerMaster, type Build, type ClusterRequest } from './request.ts';
import { scenariosOf, type Scenario } from './scenarios.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import type { DemandDraws, PlanSamples } from './plan-samples.ts';

export interface Surroundings {
  shapes: readonly Shape[];
  measurements: readonly Measured[];
  policy: SizingPolicy;
  samples: PlanSamples;
  factors: InverseFactors;
}

export interface Candidate {
  build: Build;
  shape: Shape;
  capacity: ShapeCapacity;
  load: LoadDraws;
  scenarios: readonly Scenario[];
  fit: Fit;
  /** The demand is split over this many equal clusters. */
  clusters: number;
  /** Of one cluster. */
  masters: number;
  least: number;
  step: number;
  /** One broker takes everything, the others are standby. */
  isOneQueue: boolean;
  /** Of one cluster, per sample. */
  needed: Int32Array;
  /** Before it is rounded up. */
  exact: Float64Array;
  /** Of all clusters; hosts where there are no prices. */
  cost: number;
}

/** A shape of which even the most clusters of the most brokers are too few. */
export interface TooSmall extends Omit<Candidate, 'cost'> {
  most: { clusters: number; masters: number };
}

interface Enumeration {
  fitting: Candidate[];
  tooSmall: TooSmall[];
  rejections: Rejection[];
}

export function enumerate(
  request: ClusterRequest,
  choice: BuildChoice,
  surroundings: Surroundings,
  drawsOf: (domain: ClusterRequest['domains'][number]) => DemandDraws,
): Enumeration {
  const { shapes, measurements, policy, samples, factors } = surroundings;
  const found: Enumeration = { fitting: [], tooSmall: [], rejections: [...choice.rejections] };
  const regret = regretOf(policy, criticalityOf(request));
  for (const build of choice.builds) {
    const load = loadDraws(request, build, samples, policy, drawsOf);
    const scenarios = scenariosOf(build, request, policy);
    const terms = new LoadTerms(load, scenarios);
    const least = leastMasters(build, request);
    const step = stepOf(build, request);
    const peak = load.peakTps[samples.count] as number;
    const fewest = Math.max(request.clusters.least, Math.ceil(peak / (policy.clusterTps ?? Infinity)));
    const caps = { masters: policy.clusterBrokers.value, clusters: request.clusters.most };
    const isOneQueue = request.domains.some(({ demand }) => demand.order === 'global');
    const beyond = caps.masters + 1;
    const queue = isOneQueue ? { beyondOneQueue: beyond } : {};
    const capacities = shapes.map((shape) => capacityOf(shape, build, load, measurements, shapes, policy));
    if (capacities.every((capacity) => capacity === undefined)) {
      found.rejections.push(notMeasured(build));
      continue;
    }
    shapes.forEach((shape, index) => {
      const capacity = capacities[index];
      if (capacity === undefined) return;
      const numbered = (clusters: number) => {
        const fit = new Fit(terms, capacity, factors, { clusters, ...share(policy) });
        const { whole, exact } = fit.needed({ least, step, ...queue });
        const fewestInAnyWorld = leastOf(whole);
        // Too many in every sample: which of them has the least regret does not matter.
        const isBeyond = fewestInAnyWorld > caps.masters && clusters < caps.clusters;
        const masters = isBeyond
          ? fewestInAnyWorld
          : isOneQueue
            ? forOneQueue(whole, beyond, regret)
            : leastRegret(whole, regret, step);
        return { fit, clusters, needed: whole, exact, masters };
      };
      let chosen = numbered(fewest);
      while (chosen.masters > caps.masters && chosen.clusters < caps.clusters) {
        const { clusters, masters } = chosen;
        // A loss takes its brokers once a cluster, and rounding one: fewer clusters than this are too few in any case.
        const next = Math.ceil((clusters * (masters - 3 - request.survive.brokers)) / caps.masters);
        chosen = numbered(Math.min(caps.clusters, Math.max(clusters + 1, next)));
      }
      const { clusters, masters } = chosen;
      const candidate = { build, shape, capacity, load, scenarios, least, step, isOneQueue, ...chosen };
      if (masters > caps.masters || clusters > caps.clusters) found.tooSmall.push({ ...candidate, most: caps });
      else found.fitting.push({ ...candidate, cost: clusters * masters * hostsPerMaster(build) * priceOf(shape) });
    });
  }
  return found;
}

function leastOf(numbers: Int32Array): number {
  let least = Infinity;
  for (const number of numbers) if (number < least) least = number;
  return least;
}

/** A queue is too slow for a tenth of the samples, or fast enough: more brokers help in none. */
function forOneQueue(needed: Int32Array, beyond: number, regret: Regret): number {
  const fitting = needed.filter((masters) => masters < beyond);
  if (fitting.length < 0.9 * needed.length) return beyond;
  const most = fitting.reduce((largest, masters) => Math.max(largest, masters));
  return leastRegret(
    needed.map((masters) => Math.min(masters, most)),
    regret,
  );
}

/** The sample that decided the number: of those that need as many, or the next fewer, the one with the largest need. */
export function decidingSample({ needed, exact, masters }: Omit<Candidate, 'cost'>): number {
  const last = needed.length - 1;
  let most = 0;
  for (let sample = 0; sample < last; sample += 1) {
    if ((needed[sample] as number) <= masters) most = Math.max(most, needed[sample] as number);
  }
  let [deciding, highest] = [last, -Infinity];
  for (let sample = 0; sample < last; sample += 1) {
    if (needed[sample] === most && (exact[sample] as number) > highest) {
      [deciding, highest] = [sample, exact[sample] as number];
    }
  }
  return deciding;
}

export const share = ({ dailyShare }: SizingPolicy) => (dailyShare === undefined ? {} : { dailyShare });

export const priceOf = ({ pricePerMonth }: Shape) => pricePerMonth ?? 1;

/** Kafka that must survive the loss of a zone has as many brokers in each: one more in some of them would not help. */
const stepOf = ({ broker }: Build, { survive, zones }: ClusterRequest): number =>
  traitsOf(broker).copies === 'any-broker' && survive.zones > 0 ? zones : 1;

/** As many as a message has copies, on Kafka; one of each zone where a zone may be lost and its masters with it. */
export function leastMasters(build: Build, { survive }: ClusterRequest): number {
  return traitsOf(build.broker).copies === 'any-broker' ? Math.max(build.replicas, 1 + survive.brokers) : 1;
}

/** The most critical domain decides for a cluster. */
export function criticalityOf({ domains }: Pick<ClusterRequest, 'domains'>): Criticality {
  const all = new Set(domains.map(({ criticality }) => criticality));
  return all.has('critical') ? 'critical' : all.has('normal') ? 'normal' : 'best-effort';
}

const notMeasured = ({ broker, mode, replicas }: Build): Rejection =>
  rejected(
    { shape: anyShape, broker, mode, reason: 'not-measured', resource: 'measurement' },
    { kind: 'not-measured', broker, mode, copies: replicas },
  );
