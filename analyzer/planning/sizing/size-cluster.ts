// Sizes one cluster: the candidate with the least regret, its hosts, promise and reserves, and the rejected host types.

import { defined } from '../../../core/defined.ts';
import type { BusinessDomain, ClusterPlan, RefusedDomain, Rejection } from '../../../core/documents/cluster-plan.ts';
import { assumptionText } from '../../../core/documents/reasons/plan-assumptions.ts';
import { type RefusalCause, refusalText } from '../../../core/documents/reasons/rejection-reasons.ts';
import { buildsOf } from './builds.ts';
import { type Candidate, decidingSample, enumerate, priceOf } from './candidates.ts';
import { partitionsPlanned } from './cluster-load-draws.ts';
import { hostsOf } from './hosts.ts';
import { underObjective } from './latency-objective.ts';
import { type Regret, regretOf } from './least-regret.ts';
import { reserveTableOf } from './reserve-table.ts';
import { planFindings } from './plan-findings.ts';
import { withCosts } from './plan-cost.ts';
import { nextTenthOf, plannedResources, promiseOf } from './promise.ts';
import { dearer, tooSmall } from './rejections.ts';
import { type ClusterRequest, hostsPerMaster } from './request.ts';
import { sensitivityOf } from './sensitivity.ts';
import { averageOver, keptSeconds } from './stored-bytes.ts';
import { demandDraws, type DemandDraws } from './plan-samples.ts';
import { criticalityOf, type Surroundings } from './trial.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

type Sized =
  { kind: 'planned'; clusters: ClusterPlan[]; chosen: Candidate } | { kind: 'refused'; refused: RefusedDomain[] };

/** @param costUnit name in rejections */
export function sizeCluster(request: ClusterRequest, given: Surroundings, costUnit: string): Sized {
  const surroundings = { ...given, measurements: underObjective(given.measurements, request) };
  const { policy, samples } = surroundings;
  const draws = new Map<string, DemandDraws>();
  const drawsOf = (domain: BusinessDomain) => getOrMake(draws, domain.name, () => demandDraws(domain, samples));
  const { fitting, tooSmall: small, rejections } = enumerate(request, buildsOf(request, policy), surroundings, drawsOf);
  const refusals = small.map(tooSmall);
  if (fitting.length === 0) return { kind: 'refused', refused: refuse(request, [...refusals, ...rejections]) };
  const chosen = choose(fitting, regretOf(policy, criticalityOf(request)));
  const others = fitting
    .filter((candidate) => candidate !== chosen)
    .toSorted((one, two) => one.cost - two.cost)
    .map((candidate) => dearer(candidate, chosen, costUnit));
  const notChosen = [...others, ...refusals, ...rejections];
  return { kind: 'planned', clusters: plansOf(request, chosen, notChosen, surroundings), chosen };
}

function plansOf(
  request: ClusterRequest,
  chosen: Candidate,
  rejections: Rejection[],
  surroundings: Surroundings,
): ClusterPlan[] {
  const { build, shape, clusters, masters } = chosen;
  const { policy } = surroundings;
  const margin = reserveTableOf(request, chosen, decidingSample(chosen), surroundings);
  const promise = { ...promiseOf(chosen, surroundings), limitedBy: margin.resource };
  const retentions = request.domains.map(({ demand }) => demand.retentionSeconds);
  const rest = {
    ...build,
    domains: request.domains.map((domain) => {
      const { demand } = domain;
      const { growth, promotion, peakTps } = demand;
      const retentionSeconds = keptSeconds(build, demand.retentionSeconds, retentions);
      const at = (end: 'low' | 'mid' | 'high') => (peakTps[end] * growth[end] * promotion.multiplier[end]) / clusters;
      const usualTps = (demand.averageTps.mid * growth.mid) / clusters;
      const promoted = { multiplier: promotion.multiplier.mid, days: promotion.days };
      const load = { peakTps: at('mid'), usualTps, promotion: promoted };
      return {
        name: domain.name,
        ...(domain.owners.length > 0 && { owners: [...domain.owners] }),
        share: 1 / clusters,
        peakTps: { low: at('low'), mid: at('mid'), high: at('high') },
        averageTps: averageOver(retentionSeconds, load),
        usualTps,
        promotionDayTps: averageOver(86_400, load),
        messageBytes: demand.messageBytes.mid,
        consumerGroups: demand.consumerGroups,
        retentionSeconds,
        survives: survivesOf(domain),
        ...travelOf(domain),
        partitions: partitionsPlanned(domain, chosen),
      };
    }),
    shape,
    masters,
    promise,
    resources: plannedResources(chosen, surroundings),
    ...(shape.pricePerMonth !== undefined && { cost: chosen.cost / clusters }),
    ...defined({ nextTenth: nextTenthOf(chosen, surroundings) }),
    margin,
    sensitivity: sensitivityOf(request, chosen, surroundings),
    rejections,
    assumptions: chosen.capacity.assumptions.map((cause) => ({ what: assumptionText(cause, 'en'), cause })),
    findings: planFindings(request, chosen, promise, surroundings),
  };
  return Array.from({ length: clusters }, (_, index) => {
    const name = clusters === 1 ? request.name : `${request.name}-${index + 1}`;
    return withCosts({ name, ...rest, ...hostsOf(name, build, masters, request.zones, policy) });
  });
}

function refuse({ domains }: ClusterRequest, rejections: Rejection[]): RefusedDomain[] {
  const isUnmeasured = rejections.every(({ reason }) => reason === 'not-measured' || reason === 'rule');
  const measured = rejections.filter(({ reason }) => reason === 'too-small');
  const shortage = ({ needed = Infinity, available = 1 }: Rejection) => needed / available;
  const nearest = measured.toSorted((one, two) => shortage(one) - shortage(two))[0];
  const isMissing = rejections.some(({ reason }) => reason === 'not-measured');
  const cause: RefusalCause =
    isUnmeasured || nearest === undefined
      ? { kind: isMissing ? 'not-measured' : 'no-build' }
      : { kind: 'too-small', shape: nearest.shape, nearest: nearest.cause };
  return domains.map(({ name, demand: { latencyP99Seconds } }) => ({
    domain: name,
    ...defined({ latencyP99Seconds }),
    ...refusalText(cause, 'en'),
    cause,
    rejections,
  }));
}

/** Message handling (delay, transactions, order), if known. */
function travelOf({ demand, traits }: BusinessDomain): Partial<ClusterPlan['domains'][number]> {
  const { compressionRatio, messagesPerRequest, keyBytes, dayCurve, loss, latencyP99Seconds, order } = demand;
  const isDelayed = traits.includes('delayed') || undefined;
  return defined({
    loss,
    latencyP99Seconds,
    compressionRatio,
    messagesPerRequest,
    keyBytes,
    isDelayed,
    order: order === 'global' ? order : undefined,
    dayCurve: dayCurve && [...dayCurve],
  });
}

/** A whole RocketMQ group is lost together with its brokers. */
function survivesOf({ placement: { survive } }: BusinessDomain): 'none' | 'broker' | 'zone' {
  if (survive.zones > 0) return 'zone';
  return survive.brokers > 0 || survive.group ? 'broker' : 'none';
}

/** @param candidates at least one */
export function choose(candidates: readonly Candidate[], regret: Regret): Candidate {
  const sorted = candidates.toSorted(inOrder);
  const first = sorted[0] as Candidate;
  const samples = first.needed.length - 1;
  if (samples === 0 || sorted.length === 1) return first;
  const best = new Float64Array(samples).fill(Infinity);
  for (const candidate of sorted) {
    const unit = unitCost(candidate);
    for (let sample = 0; sample < samples; sample += 1) {
      const cost = unit * (candidate.needed[sample] as number);
      if (cost < (best[sample] as number)) best[sample] = cost;
    }
  }
  const meanBest = best.reduce((sum, cost) => sum + cost, 0) / samples;
  let [chosen, least] = [first, Infinity];
  for (const candidate of sorted) {
    // The mean of a convex function is at least the function of the mean, so candidates that cannot win are skipped.
    if (regret.over(Math.max(0, candidate.cost - meanBest)) > least) continue;
    const mean = meanRegret(candidate, best, regret);
    if (mean < least) [chosen, least] = [candidate, mean];
  }
  return chosen;
}

function meanRegret(candidate: Candidate, best: Float64Array, regret: Regret): number {
  const unit = unitCost(candidate);
  let sum = 0;
  for (let sample = 0; sample < best.length; sample += 1) {
    const spent = candidate.cost - (best[sample] as number);
    const missing = (candidate.needed[sample] as number) - candidate.masters;
    if (spent > 0) sum += regret.over(spent);
    if (missing > 0) sum += regret.under(unit * missing);
  }
  return sum / best.length;
}

/** Cost of one more master in each of the clusters. */
const unitCost = ({ build, clusters, shape }: Candidate) => clusters * hostsPerMaster(build) * priceOf(shape);

/** Cheaper first, then smaller: the tie-break. */
function inOrder(one: Candidate, two: Candidate): number {
  return (
    one.cost - two.cost ||
    one.shape.cores - two.shape.cores ||
    one.shape.memoryBytes - two.shape.memoryBytes ||
    one.shape.diskBytes - two.shape.diskBytes ||
    (one.shape.name < two.shape.name ? -1 : one.shape.name > two.shape.name ? 1 : 0)
  );
}
