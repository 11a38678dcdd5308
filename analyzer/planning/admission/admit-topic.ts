// Decides which cluster has capacity for a new topic: current peak use, added use and limit of each resource.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { AdmissionDocument } from '../../../core/documents/admission.ts';
import type {
  BusinessDomain,
  ClusterPlan,
  ClusterPlans,
  PlannedResource,
} from '../../../core/documents/cluster-plan.ts';
import type { LossCase, RefusalCause } from '../../../core/documents/reasons/rejection-reasons.ts';
import type { DomainRules } from '../domains/rules.ts';
import { plannedVector, type MessageVector } from '../sizing/message-vector.ts';
import { certain, type ShapeCapacity } from '../sizing/capacity.ts';
import { left, scenariosOf } from '../sizing/scenarios.ts';
import {
  keptResources,
  type LoadDraws,
  type PlannedResourceName,
  type RateResource,
  rateResources,
} from '../sizing/cluster-load-draws.ts';
import { Fit } from '../sizing/fit.ts';
import { InverseFactors } from '../sizing/inverse-factors.ts';
import { LoadTerms } from '../sizing/load-terms.ts';
import { planSamplesOf } from '../sizing/plan-samples.ts';
import { plannedResources } from '../sizing/promise.ts';
import { type ClusterRequest, requestsOf } from '../sizing/request.ts';
import type { SizingPolicy } from '../sizing/sizing-policy.ts';
import { averageOver, keptSeconds, storedBytes } from '../sizing/stored-bytes.ts';
import type { Surroundings } from '../sizing/trial.ts';
import { brokersNeeded } from './brokers-needed.ts';
import type { TopicRequest } from './topic-request.ts';

/** Check of a broker resource after the worst loss that the plan survives, or of a rule. */
export type AdmissionCheck = Omit<AdmissionDocument['clusters'][number]['checks'][number], 'passed'>;

export interface ClusterAdmission {
  cluster: string;
  isAdmitted: boolean;
  checks: AdmissionCheck[];
}

export interface Admission {
  kind: 'admitted' | 'refused';
  /** The cluster with the most remaining capacity. */
  cluster?: string;
  /** Planned peak of the topic over its peak on a usual day, including growth and promotion of its domain. */
  factor: number;
  clusters: ClusterAdmission[];
  /** Why no cluster has capacity for it. */
  reason?: string;
  /** Why no cluster is planned for its domain. */
  refusal?: RefusalCause;
}

interface Admitting {
  plans: Pick<ClusterPlans, 'clusters' | 'refused'>;
  domain: BusinessDomain;
  /** All domains of the file, since a cluster may be shared. */
  domains: readonly BusinessDomain[];
  surroundings: Surroundings;
  rules: Pick<DomainRules, 'dailyShare'>;
}

/** Plans the topic like its domain: with its growth, promotion and skew, for the same losses, and with the reserve for uncertain figures. */
export function admitTopic(topic: TopicRequest, { plans, domain, domains, surroundings, rules }: Admitting): Admission {
  const { policy } = surroundings;
  const { growth, promotion } = domain.demand;
  const factor = growth.mid * promotion.multiplier.mid;
  const candidates = plans.clusters.filter((plan) => plan.domains.some(({ name }) => name === domain.name));
  if (candidates.length === 0) {
    const refused = plans.refused.find((each) => each.domain === domain.name);
    const reason = `domain ${domain.name} has no cluster${refused === undefined ? '' : `: ${refused.reason}`}`;
    return { kind: 'refused', factor, clusters: [], reason, ...(refused?.cause && { refusal: refused.cause }) };
  }
  const clusters = candidates.map((plan): ClusterAdmission => {
    const request = requestOf(plan, { domain, domains });
    const checks = [
      ...resourceChecks(topic, plan, { domain, request, policy }),
      ...capCheck(topic, plan, factor, policy),
      ...dailyShareCheck(topic, plan, { domain, domains, surroundings, rules }),
      ...brokersCheck(topic, { plan, domain, request, clusters: candidates.length }, surroundings),
    ];
    return { cluster: plan.name, isAdmitted: checks.every(({ after, limit }) => after <= limit), checks };
  });
  const room = ({ checks }: ClusterAdmission) =>
    Math.max(...checks.map(({ name, after, limit }) => (name === 'brokers' ? 0 : after / limit)));
  const [best] = clusters.filter(({ isAdmitted }) => isAdmitted).toSorted((a, b) => room(a) - room(b));
  if (best !== undefined) return { kind: 'admitted', cluster: best.cluster, factor, clusters };
  return { kind: 'refused', factor, clusters, reason: 'no cluster of its domain has room for it' };
}

function requestOf(plan: ClusterPlan, { domain, domains }: Pick<Admitting, 'domain' | 'domains'>): ClusterRequest {
  const names = new Set(plan.domains.map(({ name }) => name));
  const request = requestsOf(domains.filter(({ name }) => names.has(name))).find((each) =>
    each.domains.some(({ name }) => name === domain.name),
  );
  if (request === undefined) throw new TypeError('no request of a domain');
  return withLossesOf(plan, request);
}

/** Absent where `brokersNeeded` knows no number. */
function brokersCheck(
  topic: TopicRequest,
  planned: Parameters<typeof brokersNeeded>[1],
  surroundings: Surroundings,
): AdmissionCheck[] {
  const needed = brokersNeeded(topic, planned, surroundings);
  if (needed === undefined) return [];
  const source = 'plimsoll size, with its reserve for uncertain figures';
  return [
    {
      name: 'brokers',
      unit: 'brokers',
      now: needed.without,
      after: needed.with,
      limit: planned.plan.masters,
      source,
      ...(needed.isBeyondQueue && { beyondQueue: true as const }),
    },
  ];
}

/** Use of the plan's brokers with the topic as part of the load, for the median: peak, catch-up, and rebuild traffic. */
function resourceChecks(
  topic: TopicRequest,
  plan: ClusterPlan,
  { domain, request, policy }: { domain: BusinessDomain; request: ClusterRequest; policy: SizingPolicy },
): AdmissionCheck[] {
  const { growth, promotion } = domain.demand;
  const { broker, replicas, masters, resources } = plan;
  // With a queue of global order, one broker of the plan accepts everything.
  const isOneQueue = [...request.domains.map(({ demand }) => demand), ...plan.domains].some(
    ({ order }) => order === 'global',
  );
  const carriers = isOneQueue ? 1 : masters;
  const vector = vectorOf(topic, plan);
  const { multiplier, days } = promotion;
  const margin = policy.skew.value * (1 + policy.headroom);
  const peak = topic.peakTps * growth.mid * multiplier.mid;
  const tps = peak * margin;
  const retentions = [topic.retention, ...plan.domains.map(({ retentionSeconds }) => retentionSeconds)];
  const kept = (ownSeconds: number) => keptSeconds(plan, ownSeconds, retentions);
  const longer = plan.domains.reduce((sum, each) => {
    const { name, retentionSeconds, usualTps, peakTps } = each;
    // Absent for a domain of an old plan that the file no longer contains; its promotion is then unknown.
    const promoted = request.domains.find((own) => own.name === name)?.demand.promotion;
    const load = {
      peakTps: peakTps.mid,
      usualTps,
      promotion: { multiplier: promoted?.multiplier.mid ?? 1, days: promoted?.days ?? 1 },
    };
    const messagesIn = (seconds: number) => averageOver(seconds, load) * seconds;
    return sum + (messagesIn(kept(retentionSeconds)) - messagesIn(retentionSeconds)) * plannedVector(plan, each).disk;
  }, 0);
  const stored = storedBytes(
    plan,
    {
      load: {
        peakTps: peak,
        usualTps: (topic.averageTps ?? topic.peakTps) * growth.mid,
        promotion: { multiplier: multiplier.mid, days },
      },
      retentionSeconds: kept(topic.retention),
      diskBytes: vector.disk,
      partitions: topic.partitions,
    },
    policy,
  );
  const added: Record<PlannedResourceName, number> = {
    'network-in': tps * vector.in,
    'network-out': tps * vector.out,
    'disk-io': tps * vector.disk,
    messages: tps * workOf(topic, plan),
    memory: tps * vector.disk * policy.residentSeconds.value,
    'disk-space': (stored + longer) * margin,
    partitions: topic.partitions * (traitsOf(broker).copies === 'any-broker' ? replicas : 1),
  };
  const planned = new Map(resources.map((each) => [each.resource as string, each]));
  const total = (name: PlannedResourceName) => (planned.get(name)?.atPeak ?? 0) * carriers + added[name];
  const consumed = (part: 'consumerIn' | 'consumerOut') =>
    plan.domains.reduce(
      (sum, each) => sum + each.peakTps.mid * margin * plannedVector(plan, each)[part],
      tps * vector[part],
    );
  const load = clusterLoad(total, { in: consumed('consumerIn'), out: consumed('consumerOut') }, replicas, policy);
  const capacity = capacityOf(planned);
  const samples = planSamplesOf('', 0);
  const terms = new LoadTerms(load, scenariosOf(plan, request, policy));
  const fit = new Fit(terms, capacity, new InverseFactors(samples), { clusters: 1 });
  const throughElection = isOneQueue ? 1 : electionFactor(plan);
  return plannedResources({ masters, capacity, fit, isOneQueue }, { samples }).flatMap((grown) => {
    const before = planned.get(grown.resource);
    if (before === undefined) return [];
    const { resource, unit, safe, full, source } = before;
    const checkOf = (now: number, after: number, limit: number): AdmissionCheck => {
      return { name: resource, unit, now, after, limit, source };
    };
    const isMoved = (rateResources as readonly string[]).includes(resource);
    const elected = checkOf(before.atPeak * throughElection, grown.atPeak * throughElection, full);
    const checks = [checkOf(before.afterLoss, grown.afterLoss, safe), ...(isMoved ? [elected] : [])];
    return checks.toSorted((a, b) => b.after / b.limit - a.after / a.limit).slice(0, 1);
  });
}

/** The plan also covers the losses of domains that the file does not contain. */
function withLossesOf({ promise: { losses }, zones }: ClusterPlan, request: ClusterRequest): ClusterRequest {
  const { survive } = request;
  const covered = (lossKind: LossCase['kind']) => losses.filter(({ kind }) => kind === lossKind);
  return {
    ...request,
    zones: Math.max(request.zones, zones.length),
    survive: {
      brokers: Math.max(survive.brokers, ...covered('brokers-lost').map(({ brokers = 1 }) => brokers)),
      zones: Math.max(survive.zones, covered('zone-lost').length),
      group: survive.group || covered('group-lost').length > 0,
    },
  };
}

/** Load of one cluster, for the median, in the form of `loadDraws`. */
function clusterLoad(
  total: (name: PlannedResourceName) => number,
  consumed: { in: number; out: number },
  replicas: number,
  policy: SizingPolicy,
): Pick<LoadDraws, 'rate' | 'kept'> {
  const { outageSeconds, catchUpSeconds, residentSeconds, rebuildSeconds } = policy;
  const isReadFromDisk = outageSeconds.value > residentSeconds.value;
  const catchUp = outageSeconds.value / catchUpSeconds.value;
  const [rebuild, missed] =
    replicas > 1 ? [total('disk-space') / rebuildSeconds.value, total('disk-io') * catchUp] : [0, 0];
  const one = (value: number) => Float64Array.of(value);
  const rateOf = (name: RateResource, consumedBytes: number, copied = { rebuild, missed }) => ({
    base: one(total(name)),
    catchUp: one(consumedBytes * catchUp),
    rebuild: one(copied.rebuild),
    missed: one(copied.missed),
    // No check compares usual days with a resource.
    usual: one(0),
  });
  return {
    rate: {
      'network-in': rateOf('network-in', consumed.in),
      'network-out': rateOf('network-out', consumed.out),
      'disk-io': rateOf('disk-io', isReadFromDisk ? consumed.out : 0),
      messages: rateOf('messages', 0, { rebuild: 0, missed: 0 }),
    },
    kept: {
      'disk-space': one(total('disk-space')),
      memory: one(total('memory')),
      partitions: one(total('partitions')),
    },
  };
}

/** Capacity of a broker in the plan; a resource that the plan does not state has no limit. */
function capacityOf(planned: ReadonlyMap<string, PlannedResource>): ShapeCapacity {
  const capacities = [...rateResources, ...keptResources].map((name) => {
    const { safe = Infinity, full = Infinity, source = '' } = planned.get(name) ?? {};
    return [name, certain(safe, full, source)];
  });
  const resources = Object.fromEntries(capacities) as ShapeCapacity['resources'];
  return { resources, assumptions: [], warnings: [] };
}

/** During an election, for seconds, the other masters carry everything and may be saturated; 1 if no election is planned for. */
function electionFactor({ masters, zones, promise: { losses } }: ClusterPlan): number {
  const factors = losses
    .filter(({ elects }) => elects)
    .map(({ kind, brokers: count = 1 }) => {
      const ofZone = { kind: 'zone', zones: zones.length } as const;
      const lost = kind === 'zone-lost' ? ofZone : ({ kind: 'count', count } as const);
      return masters / Math.max(1, left({ lost }, masters));
    });
  return Math.max(1, ...factors);
}

function vectorOf(topic: TopicRequest, plan: ClusterPlan): MessageVector {
  const isDelayed = plan.domains.some((each) => each.name === topic.domain && each.isDelayed === true);
  return plannedVector(plan, { ...topic, isDelayed });
}

/** Messages of the plan with the cost of one message of the topic, by bytes or by deliveries, as for extrapolating the plan's rate. */
function workOf(topic: TopicRequest, plan: ClusterPlan): number {
  const total = plan.domains.reduce((sum, { peakTps }) => sum + peakTps.mid, 0);
  const mean = (of: (domain: ClusterPlan['domains'][number]) => number) =>
    plan.domains.reduce((sum, domain) => sum + of(domain) * domain.peakTps.mid, 0) / total;
  const bytesOf = (each: MessageVector) => each.in + each.out;
  if (!(total > 0)) return 1;
  return Math.max(
    1,
    (1 + topic.consumerGroups) / (1 + mean(({ consumerGroups }) => consumerGroups)),
    bytesOf(vectorOf(topic, plan)) / mean((domain) => bytesOf(plannedVector(plan, domain))),
  );
}

/** Checks the configured maximum of a cluster, which limits its blast radius. */
function capCheck(
  topic: TopicRequest,
  { promise }: ClusterPlan,
  factor: number,
  { clusterTps }: SizingPolicy,
): AdmissionCheck[] {
  if (clusterTps === undefined) return [];
  const now = promise.peakTps.mid;
  const after = now + topic.peakTps * factor;
  return [
    { name: 'cluster-cap', unit: 'messages/s', now, after, limit: clusterTps, source: 'policy of the domains file' },
  ];
}

/** A common rule: no new topics once usual traffic, with its growth, exceeds a third of the measured maximum. */
function dailyShareCheck(
  topic: TopicRequest,
  plan: ClusterPlan,
  { domain, domains, surroundings: { policy }, rules }: Omit<Admitting, 'plans'>,
): AdmissionCheck[] {
  if (policy.dailyShare === undefined) return [];
  const usual = plan.domains.reduce((sum, { name, share, peakTps, usualTps, promotionDayTps }) => {
    const demand = domains.find((each) => each.name === name)?.demand;
    if (demand !== undefined) return sum + demand.peakTps.mid * demand.growth.mid * share;
    // A domain of an older plan that the file no longer contains; its means show the multiplier of its promotion.
    return sum + peakTps.mid * (promotionDayTps > 0 ? usualTps / promotionDayTps : 1);
  }, 0);
  const added = topic.peakTps * domain.demand.growth.mid * workOf(topic, plan);
  const most = plan.promise.saturationTps;
  return [
    {
      name: 'daily-share',
      unit: 'ratio',
      now: usual / most,
      after: (usual + added) / most,
      limit: policy.dailyShare,
      source: rules.dailyShare.source,
    },
  ];
}
