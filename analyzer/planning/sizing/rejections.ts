// Explains why a shape was not chosen: the resource, its number, the broker count and the cost.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Rejection } from '../../../core/documents/cluster-plan.ts';
import { percentText, quantityText } from '../../../core/text/quantity-text.ts';
import { amountText, unitOf } from './amount-text.ts';
import { decidingSample, priceOf, type Candidate, type TooSmall } from './candidates.ts';
import type { Decided } from './fit.ts';
import { hostsPerMaster } from './request.ts';
import { left } from './scenarios.ts';

export function dearer(candidate: Candidate, plan: Candidate, costUnit: string): Rejection {
  const { build, shape, masters, clusters, least, step } = candidate;
  const decided = candidate.fit.decide(decidingSample(candidate));
  const hosts = clusters * masters * hostsPerMaster(build);
  const fewer = masters - step;
  const why = fewer < least ? undefined : shortOf(decided, fewer);
  const reason =
    why === undefined
      ? `${masters} is the least for ${build.replicas} copies`
      : why.needed > why.available
        ? `with ${fewer} ${why.text}`
        : 'smallest expected regret over simulations that need fewer brokers and simulations that need more';
  const isRiskier = candidate.cost < plan.cost;
  const unit = costUnit === 'hosts' ? 'hosts' : `${costUnit} a month`;
  const money = `${quantityText(candidate.cost)} against ${quantityText(plan.cost)} ${unit}`;
  const verdict = isRiskier ? `cheaper (${money}), and enough in only ${enoughText(candidate)} of simulations` : money;
  const times = clusters > 1 ? `${clusters} times ` : '';
  return {
    shape: shape.name,
    broker: build.broker,
    mode: build.mode,
    reason: isRiskier ? 'riskier' : 'dearer',
    resource: decided.resource,
    ...(why !== undefined && { needed: why.needed, available: why.available, unit: unitOf[decided.resource] }),
    brokers: hosts,
    cost: candidate.cost,
    message: `${times}${masters} ${mastersWord(candidate, masters)} (${hosts} hosts) for ${decided.resource}: ${reason}; ${verdict}`,
  };
}

export function tooSmall(candidate: TooSmall): Rejection {
  const { build, shape, masters, clusters, most, isOneQueue } = candidate;
  const decided = candidate.fit.decide(decidingSample(candidate));
  if (isOneQueue && masters > most.masters) return beyondOneQueue(candidate);
  const why = shortOf(decided, Math.min(most.masters, masters));
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
        ? `${clusters} clusters would need ${masters} ${mastersWord(candidate, masters)} each for ${decided.resource}, and at most ${most.masters} in each of ${most.clusters} clusters are allowed${why === undefined ? '' : `: with these ${why.text}`}`
        : `the demand needs ${clusters} clusters, and at most ${most.clusters} are allowed`,
  };
}

function beyondOneQueue({ build, shape, fit, needed: all }: TooSmall): Rejection {
  const decided = fit.decide(all.length - 1);
  const available = decided.limit;
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

function enoughText({ needed, masters }: Candidate): string {
  const worlds = needed.subarray(0, -1);
  return percentText(worlds.filter((each) => each <= masters).length / worlds.length);
}

function mastersWord({ build }: Pick<Candidate, 'build'>, count: number): string {
  const word = traitsOf(build.broker).copies === 'any-broker' ? 'broker' : build.replicas > 1 ? 'group' : 'master';
  return count === 1 ? word : `${word}s`;
}

/** The load of one broker with this many brokers. */
function shortOf({ scenario, resource, masters: asked, limit: available }: Decided, masters: number) {
  const stays = left(scenario, masters);
  const when =
    scenario.lost.kind === 'none' && scenario.against === 'safe' && !scenario.catchUp ? '' : ` (${scenario.name})`;
  if (stays <= 0) return { needed: asked * available, available, text: `none is left${when}` };
  const needed = (asked * available) / stays;
  return {
    needed,
    available,
    text: `one would need ${amountText(resource, needed)} of ${amountText(resource, available)}${when}`,
  };
}
