// Why is a shape not the plan? Which resource, at what number, with how many brokers, and what that costs.

import type { Rejection } from '../../core/cluster-plan.ts';
import { quantityText } from '../quantity-text.ts';
import { amountText, unitOf } from './amount-text.ts';
import {
  decidingAsk,
  decidingWorld,
  priceOf,
  share,
  type Candidate,
  type Surroundings,
  type TooSmall,
} from './candidates.ts';
import { askedIn, binding, limitOf, type Asked } from './needed-masters.ts';
import { hostsPerMaster } from './request.ts';
import { left } from './scenarios.ts';

export function dearer(candidate: Candidate, plan: Candidate, costUnit: string, surroundings: Surroundings): Rejection {
  const { build, shape, masters, clusters, least, step } = candidate;
  const decided = decidingAsk(candidate, decidingWorld(candidate, surroundings), surroundings);
  const hosts = clusters * masters * hostsPerMaster(build);
  const fewer = masters - step;
  const why = fewer < least ? undefined : shortOf(candidate, decided, fewer, surroundings);
  const reason =
    why === undefined ? `${masters} is the least for ${build.replicas} copies` : `with ${fewer} ${why.text}`;
  const money =
    costUnit === 'hosts'
      ? ''
      : `; ${quantityText(candidate.cost)} against ${quantityText(plan.cost)} ${costUnit} a month`;
  const times = clusters > 1 ? `${clusters} times ` : '';
  return {
    shape: shape.name,
    broker: build.broker,
    mode: build.mode,
    reason: 'dearer',
    resource: decided.resource,
    ...(why !== undefined && { needed: why.needed, available: why.available, unit: unitOf[decided.resource] }),
    brokers: hosts,
    cost: candidate.cost,
    message: `${times}${masters} ${mastersWord(candidate, masters)} (${hosts} hosts) for ${decided.resource}: ${reason}${money}`,
  };
}

export function tooSmall(candidate: TooSmall, surroundings: Surroundings): Rejection {
  const { build, shape, masters, clusters, most, isOneQueue } = candidate;
  const decided = decidingAsk(candidate, decidingWorld(candidate, surroundings), surroundings);
  if (isOneQueue && masters > most.masters) return beyondOneQueue(candidate, surroundings);
  const why = shortOf(candidate, decided, Math.min(most.masters, masters), surroundings);
  return {
    shape: shape.name,
    broker: build.broker,
    mode: build.mode,
    reason: 'too-small',
    resource: masters > most.masters ? decided.resource : 'cluster-cap',
    ...(why !== undefined && { needed: why.needed, available: why.available, unit: unitOf[decided.resource] }),
    brokers: clusters * masters * hostsPerMaster(build),
    cost: clusters * masters * hostsPerMaster(build) * priceOf(shape),
    message:
      masters > most.masters
        ? `${clusters} clusters would take ${masters} ${mastersWord(candidate, masters)} each for ${decided.resource}, and ${most.masters} in each of ${most.clusters} clusters are the most${why === undefined ? '' : `: with these ${why.text}`}`
        : `the demand takes ${clusters} clusters, and ${most.clusters} are the most`,
  };
}

function beyondOneQueue(candidate: TooSmall, { policy, factors, worlds }: Surroundings): Rejection {
  const { build, shape, clusters, load, capacity, scenarios } = candidate;
  const decided = binding(askedIn(worlds.count, load, capacity, scenarios, factors, { clusters, ...share(policy) }));
  const available = limitOf(capacity.resources[decided.resource], decided.scenario, policy.dailyShare ?? 1);
  const needed = decided.masters * available;
  return {
    shape: shape.name,
    broker: build.broker,
    mode: build.mode,
    reason: 'too-small',
    resource: decided.resource,
    needed,
    available,
    unit: unitOf[decided.resource],
    message: `in order as a whole means one queue on one broker: it would need ${amountText(decided.resource, needed)} of ${amountText(decided.resource, available)}`,
  };
}

function mastersWord({ build }: Pick<Candidate, 'build'>, count: number): string {
  const word = build.broker === 'kafka' ? 'broker' : build.replicas > 1 ? 'group' : 'master';
  return count === 1 ? word : `${word}s`;
}

/** What one broker would have to take if there were so many. */
function shortOf(candidate: Omit<Candidate, 'cost'>, decided: Asked, masters: number, { policy }: Surroundings) {
  const { scenario, resource } = decided;
  const stays = left(scenario, masters);
  const when =
    scenario.lost.kind === 'none' && scenario.against === 'safe' && !scenario.catchUp ? '' : ` (${scenario.name})`;
  const available = limitOf(candidate.capacity.resources[resource], scenario, policy.dailyShare ?? 1);
  if (stays <= 0) return { needed: decided.masters * available, available, text: `none is left${when}` };
  const needed = (decided.masters * available) / stays;
  return {
    needed,
    available,
    text: `one would need ${amountText(resource, needed)} of ${amountText(resource, available)}${when}`,
  };
}
