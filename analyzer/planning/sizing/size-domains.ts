// Sizes the clusters of all domains of a file, and sums their totals.

import type { Finding } from '../../../core/documents/analysis.ts';
import {
  type BusinessDomain,
  type ClusterPlan,
  type ClusterPlans,
  clusterPlanSchemaVersion,
  type JudgedProposal,
  type RefusedDomain,
  type Shape,
} from '../../../core/documents/cluster-plan.ts';
import { assumptionText } from '../../../core/documents/reasons/plan-assumptions.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { refusalText, type RejectionCause } from '../../../core/documents/reasons/rejection-reasons.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { DomainsFile, MeasurementSection, ProposalSection } from '../domains/domains-file.ts';
import { domainsOf } from '../domains/domains-of.ts';
import { type DomainRule, type DomainRules, readDomainRules, rulesOf } from '../domains/rules.ts';
import type { MeasuredReading } from './measured.ts';
import { InverseFactors } from './inverse-factors.ts';
import { type ClusterRequest, hostsPerMaster, requestsOf } from './request.ts';
import { sizeCluster } from './size-cluster.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import { planSamplesOf } from './plan-samples.ts';
import { setupOf, type Surroundings } from './trial.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { against } from './builds.ts';
import { missedObjective } from './extrapolated-messages.ts';
import { underObjective } from './latency-objective.ts';
import { planFindings } from './plan-findings.ts';
import { plannedResources, promiseOf } from './promise.ts';
import { queueShortage } from './rejections.ts';

export interface SizingInput {
  file: DomainsFile;
  policy: SizingPolicy;
  shapes: readonly Shape[];
  currency?: string;
  /** Measurements of the file, in order. */
  readings: readonly { section: MeasurementSection; reading: MeasuredReading }[];
  seed: string;
  worlds: number;
}

export function surroundingsOf({
  policy,
  shapes,
  readings,
  seed,
  worlds,
}: Pick<SizingInput, 'policy' | 'shapes' | 'readings' | 'seed' | 'worlds'>): Surroundings {
  const samples = planSamplesOf(seed, worlds);
  return {
    shapes,
    measurements: readings.flatMap(({ reading }) => (reading.kind === 'measured' ? [reading.measured] : [])),
    policy,
    samples,
    factors: new InverseFactors(samples),
  };
}

/** @param progress called after each cluster with the numbers of finished and of all clusters */
export function sizeDomains(
  { file, policy, shapes, currency, readings, seed, worlds: count }: SizingInput,
  progress: (done: number, all: number) => void = () => undefined,
): ClusterPlans {
  const rules = readDomainRules();
  const named = domainsOf(file, rules, policy.clustersOfDomain.value);
  const surroundings = surroundingsOf({ policy, shapes, readings, seed, worlds: count });
  const isPriced = shapes.every(({ pricePerMonth }) => pricePerMonth !== undefined);
  const costUnit = isPriced ? (currency ?? 'of the catalogue') : 'hosts';
  const requests = requestsOf(named.domains);
  const clusters: ClusterPlan[] = [];
  const refused: RefusedDomain[] = [];
  requests.forEach((request, index) => {
    const sized = sizeCluster(request, surroundings, costUnit);
    if (sized.kind === 'refused') {
      refused.push(...sized.refused.map((each) => withExclusion(each, file, rules, surroundings)));
    } else {
      const assumed = request.domains.flatMap(({ name }) =>
        (named.assumptions.get(name) ?? []).map((each) => ({ what: assumptionText(each.cause, 'en'), ...each })),
      );
      clusters.push(
        ...sized.clusters.map((cluster) => ({ ...cluster, assumptions: [...assumed, ...cluster.assumptions] })),
      );
    }
    progress(index + 1, requests.length);
  });
  const judged = Object.entries(file.domains).flatMap(([name, { proposed }]) => {
    const own = named.domains.find((domain) => domain.name === name) as BusinessDomain;
    return proposed === undefined
      ? []
      : requestsOf([own]).map((request) => judgeProposal(name, request, proposed, surroundings));
  });
  const sum = (of: (cluster: ClusterPlan) => number) => clusters.reduce((total, cluster) => total + of(cluster), 0);
  return {
    schemaVersion: clusterPlanSchemaVersion,
    worlds: { count, seed },
    costUnit,
    clusters,
    refused,
    totals: {
      clusters: clusters.length,
      brokers: sum(({ brokers }) => brokers.length),
      nameServers: sum(({ nameServers }) => nameServers?.length ?? 0),
      controllers: sum(({ controllers }) => controllers?.length ?? 0),
      ...(isPriced && { cost: sum(({ cost }) => cost ?? 0) }),
    },
    findings: [...named.findings, ...unusable(readings), ...dailyShare(policy.dailyShare, rules.dailyShare)],
    ...(judged.length > 0 && { judged }),
  };
}

const isExcluded = ({ brokers }: DomainRule, broker: BrokerKind) => brokers?.includes(broker) === false;

/** Names the rules that exclude what was measured, which a stated `placement.brokers` overrides. */
function withExclusion(
  refused: RefusedDomain,
  { domains }: DomainsFile,
  rules: DomainRules,
  { measurements }: Pick<Surroundings, 'measurements'>,
): RefusedDomain {
  const section = domains[refused.domain];
  if (refused.cause.kind !== 'not-measured' || section === undefined || section.placement.brokers !== undefined) {
    return refused;
  }
  const measured = [...new Set(measurements.map(({ broker }) => broker))];
  const own = rulesOf(rules, section.traits).filter((rule) => measured.some((broker) => isExcluded(rule, broker)));
  if (own.length === 0) return refused;
  const brokers = measured.filter((broker) => own.some((rule) => isExcluded(rule, broker)));
  const cause = { kind: 'not-measured' as const, excluded: { rules: own.map(({ id }) => id), brokers } };
  return { ...refused, ...refusalText(cause, 'en'), cause };
}

function unusable(readings: SizingInput['readings']): Finding[] {
  return readings.flatMap(({ reading, section: { broker, mode, shape } }) =>
    reading.kind === 'measured'
      ? []
      : [findingOf('measurement-unusable', { broker, mode, shape, reason: reading.reason })],
  );
}

function dailyShare(share: number | undefined, rule: DomainRules['dailyShare']): Finding[] {
  return share === undefined ? [] : [findingOf('daily-share', { share, ...rule })];
}

export function judgeProposal(
  domain: string,
  request: ClusterRequest,
  proposal: ProposalSection,
  given: Surroundings,
): JudgedProposal {
  const { broker, mode, replicas, masters, nameServers } = proposal;
  const surroundings = { ...given, measurements: underObjective(given.measurements, request) };
  const { policy, shapes } = surroundings;
  const build = { broker, mode, replicas };
  const proposed = {
    domain,
    ...build,
    masters,
    shape: proposal.shape,
    ...(nameServers !== undefined && { nameServers }),
  };
  const shape = shapes.find(({ name }) => name === proposal.shape);
  const caps = { clusters: 1, masters: Math.max(masters, policy.clusterBrokers.value) };
  const trials = shape && setupOf(request, build, surroundings, caps).on(shape);
  if (shape === undefined || trials === undefined) {
    const missed = shape && missedObjective(surroundings.measurements, build);
    return {
      ...proposed,
      verdict: 'not-measured',
      resources: [],
      findings: [
        missed
          ? findingOf('latency-objective', { kind: 'missed', ...missed })
          : findingOf('not-measured', shape === undefined ? { shape: proposal.shape } : { broker, mode }),
      ],
    };
  }
  const built = trials.at(1, masters);
  const recommended = trials.recommended(1);
  const wanted = recommended.masters;
  const promise = promiseOf(built, surroundings);
  const findings = planFindings(request, built, promise, surroundings);
  if (traitsOf(broker).discovery.of === 'name-servers' && (nameServers ?? 0) < 2) {
    findings.push(findingOf('name-servers', { nameServers: nameServers ?? 0 }));
  }
  const isBeyondQueue = recommended.isOneQueue && wanted > caps.masters;
  const refusal: RejectionCause | undefined =
    against(build, request, policy.controllers.value)?.cause ??
    (isBeyondQueue ? { kind: 'one-queue', shortage: queueShortage(recommended).shortage } : undefined);
  const shortcoming: Finding | undefined =
    refusal !== undefined
      ? findingOf('setup-refused', refusal)
      : masters < wanted
        ? findingOf('too-few', { masters, needed: wanted, peakTps: promise.peakTps })
        : undefined;
  const spare = (masters - wanted) * hostsPerMaster(build);
  return {
    ...proposed,
    verdict: shortcoming === undefined ? 'enough' : 'not-enough',
    promise,
    resources: plannedResources(built, surroundings),
    ...(refusal === undefined && { mastersNeeded: wanted }),
    ...(shortcoming === undefined &&
      spare > 0 && {
        removable: {
          brokers: spare,
          ...(shape.pricePerMonth !== undefined && { cost: spare * shape.pricePerMonth }),
        },
      }),
    findings: [...(shortcoming === undefined ? [] : [shortcoming]), ...findings],
  };
}
