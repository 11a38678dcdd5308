// Explains why a host type was not chosen: the resource, its number, the broker count and the cost.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Rejection } from '../../../core/documents/cluster-plan.ts';
import type { RejectionCause } from '../../../core/documents/reasons/rejection-reasons.ts';
import { rejected } from './builds.ts';
import { decidingSample, priceOf, type Candidate, type TooSmall } from './candidates.ts';
import { left } from './scenarios.ts';
import { unitOf } from './cluster-load-draws.ts';
import type { Decided } from './fit.ts';
import { hostsPerMaster } from './request.ts';
import type { Trial } from './trial.ts';

export function dearer(candidate: Candidate, plan: Candidate, costUnit: string): Rejection {
  const { build, masters, clusters, least, step, cost } = candidate;
  const decided = candidate.fit.decide(decidingSample(candidate));
  const { resource } = decided;
  const hosts = clusters * masters * hostsPerMaster(build);
  const fewer = masters - step;
  const shortage = fewer < least ? undefined : shortOf(decided, fewer);
  const isRiskier = cost < plan.cost;
  return rejected(
    {
      ...setupOf(candidate),
      reason: isRiskier ? 'riskier' : 'dearer',
      resource,
      ...amountsOf(shortage),
      brokers: hosts,
      cost,
    },
    {
      kind: 'costs',
      masters,
      noun: nounOf(candidate),
      clusters,
      hosts,
      resource,
      ...(shortage === undefined && {
        leastForCopies: build.replicas,
        ...(step > 1 && { leastForZones: step }),
      }),
      ...(shortage && shortage.needed > shortage.available && { fewer: { masters: fewer, shortage } }),
      cost,
      planCost: plan.cost,
      costUnit,
      ...(isRiskier && { enoughShare: enoughShare(candidate) }),
    },
  );
}

export function tooSmall(candidate: TooSmall): Rejection {
  const { build, shape, masters, clusters, most, isOneQueue } = candidate;
  const isTooMany = masters > most.masters;
  const setup = { ...setupOf(candidate), reason: 'too-small' } as const;
  if (isOneQueue && isTooMany) {
    const { resource, shortage } = queueShortage(candidate);
    return rejected({ ...setup, resource, ...shortage }, { kind: 'one-queue', shortage });
  }
  const decided = candidate.fit.decide(decidingSample(candidate));
  const shortage = shortOf(decided, Math.min(most.masters, masters));
  const { resource } = decided;
  const brokers = clusters * masters * hostsPerMaster(build);
  return rejected(
    {
      ...setup,
      resource: isTooMany ? resource : 'cluster-cap',
      ...amountsOf(shortage),
      brokers,
      cost: brokers * priceOf(shape),
    },
    isTooMany
      ? {
          kind: 'too-many-brokers',
          masters,
          noun: nounOf(candidate),
          clusters,
          resource,
          mostMasters: most.masters,
          mostClusters: most.clusters,
          shortage,
        }
      : { kind: 'too-many-clusters', clusters, mostClusters: most.clusters },
  );
}

/** For one queue on one broker, for the median. */
export function queueShortage({ fit, needed: all }: Trial) {
  const { resource, limit: available, masters } = fit.decide(all.length - 1);
  return { resource, shortage: { needed: masters * available, available, unit: unitOf[resource] } };
}

function enoughShare({ needed, masters }: Candidate): number {
  const samples = needed.subarray(0, -1);
  return samples.filter((each) => each <= masters).length / samples.length;
}

function nounOf({ build }: Pick<Candidate, 'build'>) {
  if (traitsOf(build.broker).copies === 'any-broker') return 'broker';
  return build.replicas > 1 ? 'group' : 'master';
}

const setupOf = ({ build: { broker, mode }, shape }: Trial) => ({ shape: shape.name, broker, mode });

type Shortage = Extract<RejectionCause, { kind: 'one-queue' }>['shortage'];

const amountsOf = (shortage: Shortage | undefined) =>
  shortage && { needed: shortage.needed, available: shortage.available, unit: shortage.unit };

/** Shortage of one broker with this many brokers. */
function shortOf({ scenario, resource, masters: wanted, limit: available }: Decided, masters: number): Shortage {
  const stays = left(scenario, masters);
  return {
    needed: (wanted * available) / (stays <= 0 ? 1 : stays),
    available,
    unit: unitOf[resource],
    ...(stays <= 0 && { noneLeft: true }),
    ...(scenario.loss.kind !== 'everything-up' && { during: scenario.loss }),
  };
}
