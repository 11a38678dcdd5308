// Computes the gain of an even load over brokers, by moving leaders on Kafka or spreading queues on RocketMQ.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { PreparedAction } from '../../../core/documents/event-outlook.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { largestFirst, noGain, type EventState, type PrepareAction } from './prepared.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { rateText } from '../../../core/text/quantity-text.ts';

/** Less skew results from queues and keys alone. */
const leastSkew = 1.1;

/** Resources that a follower uses for a message as much as its leader does. */
const sameForCopies = new Set(['network-in', 'disk-io', 'disk-space']);

export const prepareLeaderMove: PrepareAction = (state) => {
  if (!traitsOf(state.broker).moves.includes('leaders')) return noGain('leader-move', 'other-broker-kind');
  const { safeMaxTps } = state.verdict;
  const limit =
    'limitedBy' in safeMaxTps && 'resource' in safeMaxTps.limitedBy ? safeMaxTps.limitedBy.resource : undefined;
  if (limit !== undefined && sameForCopies.has(limit)) return noGain('leader-move', 'copies-cost-the-same');
  // Outgoing traffic moves with leaders; of the other resources, followers keep a part.
  return spread(state, 'leader-move', limit === 'network-out' ? 1 : 0.5, [
    `plimsoll ops kafka reassign --cluster ${quotedWord(state.cluster)} --leaders`,
    `plimsoll ops kafka reassign --cluster ${quotedWord(state.cluster)} --topics top-tps:20`,
  ]);
};

export const prepareQueueSpread: PrepareAction = (state) => {
  if (!traitsOf(state.broker).moves.includes('queues')) return noGain('queue-spread', 'other-broker-kind');
  const [topic] = largestFirst(state.topics);
  const coolest = largestFirst(state.brokers).at(-1);
  if (coolest === undefined || topic === undefined) return noGain('queue-spread', 'no-broker-rates');
  const queues = state.partitions?.get(topic.name);
  if (queues === undefined) return noGain('queue-spread', 'not-read-yet');
  // Consumers continue to read the old queues until they are empty.
  return spread(state, 'queue-spread', 0.5, [
    `plimsoll ops rocketmq queues --cluster ${quotedWord(state.cluster)} --topic ${quotedWord(topic.name)} --to ${evenQueues(state, { topic, coolest, queues })} --broker ${quotedWord(coolest.name)}`,
  ]);
};

/** Most queues that one command adds to a broker: more cost memory and rebalances. */
const mostQueues = 64;

/**
 * Producers rotate over all queues of a topic. With N queues on the least loaded broker and M elsewhere, it gets N/(N+M) of the topic: N
 * is chosen to raise it to the mean of all brokers.
 */
function evenQueues(
  { brokers }: EventState,
  { topic, coolest, queues }: Record<'topic' | 'coolest', Rated> & { queues: ReadonlyMap<string, number> },
): number {
  const own = queues.get(coolest.name) ?? 0;
  const all = [...queues.values()].reduce((sum, count) => sum + count, 0);
  const mean = [...brokers.values()].reduce((sum, rate) => sum + rate, 0) / brokers.size;
  const wanted = own / Math.max(1, all) + (mean - coolest.nowTps) / topic.nowTps;
  const part = Math.min(0.9, Math.max(0, wanted));
  return Math.min(mostQueues, Math.max(own + 1, Math.round((part / (1 - part)) * (all - own))));
}

type Rated = ReturnType<typeof largestFirst>[number];

/**
 * Each broker uses 1/x of its limit for a message of the cluster, where x is the rate of the cluster at which it is saturated.
 * With an even distribution the cluster saturates at the harmonic mean; today the busiest broker saturates earlier, by its load over the mean.
 */
function spread(
  state: EventState,
  lever: 'leader-move' | 'queue-spread',
  surely: number,
  commands: string[],
): PreparedAction {
  const { verdict, brokers } = state;
  const safe = safeTpsOf(verdict.safeMaxTps);
  const rates = [...brokers.values()];
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
  if (safe === undefined || rates.length < 2 || !(mean > 0)) return noGain(lever, 'no-broker-rates');
  const skew = Math.max(...rates) / mean;
  if (skew < leastSkew) return noGain(lever, 'evenly-spread');
  const even = evenTps(state) ?? safe;
  const gain = even - even / skew;
  const targets = largestFirst(brokers).map((each) => ({ ...each, toTps: mean }));
  return {
    kind: 'ready',
    lever,
    gain: { low: surely * gain, high: gain },
    targets,
    commands,
    evidence: `the busiest of ${rates.length} brokers now takes ${skew.toFixed(2)} times the mean; with an even load the safe maximum is ${rateText(even)}`,
    evidenceZh: `${rates.length} 个 Broker 中最忙的一个当前负载为平均值的 ${skew.toFixed(2)} 倍；负载均匀时安全上限为 ${rateText(even, 'zh')}`,
  };
}

/** A RocketMQ group accepts messages at one member, so its first saturated member is its limit. */
function evenTps({ broker, verdict: { perBroker } }: EventState): number | undefined {
  if (perBroker.some(({ safeTps = 0 }) => !(safeTps > 0))) return undefined;
  const members = Map.groupBy(perBroker, (each) => traitsOf(broker).brokerId.group(each.broker));
  const groups = [...members.values()].map((all) => Math.min(...all.map(({ safeTps = 0 }) => safeTps)));
  return groups.length < 2 ? undefined : groups.length / groups.reduce((sum, tps) => sum + 1 / tps, 0);
}
