// Prepares the remediation actions for the day of an event, and computes the gain of each.

import type { PreparedAction } from '../../../core/documents/event-outlook.ts';
import { type EventState, largestFirst, noGain, type PrepareAction } from './prepared.ts';
import { prepareQuota } from './quota.ts';
import { type ByKind, traitsOf } from '../../../core/broker-kind/registry.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { rateText } from '../../../core/text/quantity-text.ts';
import { durationText } from '../../../core/text/duration-text.ts';

/** Largest gain first; actions without a gain last. Leaves out actions that this kind of broker does not have. */
export function prepareActions(state: EventState): PreparedAction[] {
  const gainOf = (lever: PreparedAction) => (lever.kind === 'ready' ? lever.gain.high : -1);
  const { moves } = traitsOf(state.broker);
  const levers = [
    prepareQuota(state),
    ...(moves.includes('leaders') ? [prepareLeaderMove(state)] : []),
    ...(moves.includes('queues') ? [prepareQueueSpread(state)] : []),
    prepareRetention(state),
  ];
  return levers.toSorted((a, b) => gainOf(b) - gainOf(a));
}

/** Less skew results from queues and keys alone. */
const leastSkew = 1.1;

/** Resources that a follower uses for a message as much as its leader does. */
const sameForCopies = new Set(['network-in', 'disk-io', 'disk-space']);

/** Computes the gain of an even load over brokers, by moving leaders on Kafka or spreading queues on RocketMQ. */
const prepareLeaderMove: PrepareAction = (state) => {
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

const prepareQueueSpread: PrepareAction = (state) => {
  const [topic] = largestFirst(state.topics);
  const coolest = largestFirst(state.brokers).at(-1);
  if (coolest === undefined) return noGain('queue-spread', 'no-broker-rates');
  if (topic === undefined) return noGain('queue-spread', 'no-topic-rates');
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
  if (rates.length === 0) return noGain(lever, 'no-broker-rates');
  if (rates.length === 1) return noGain(lever, 'one-broker');
  if (safe === undefined) return noGain(lever, 'no-safe-maximum');
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const skew = Math.max(...rates) / mean;
  // Without any load, the quotient is not a number.
  if (!(skew >= leastSkew)) return noGain(lever, 'evenly-spread');
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

/** Reductions by a quarter and by half; no larger reduction is prepared. */
const [quarter, half] = [0.75, 0.5];
const mostTopics = 5;

/** Stored data is rate times retention: a share s of the retention allows 1/s of the rate, up to the safe maximum. */
const prepareRetention: PrepareAction = (state) => {
  const { cluster, verdict, broker, topics, peak } = state;
  const { retention, safeMaxTps } = verdict;
  if (retention === undefined) return noGain('retention', 'no-retention-limit');
  const { tps, retentionSeconds } = retention;
  const isDiskLimited =
    'limitedBy' in safeMaxTps && 'resource' in safeMaxTps.limitedBy && safeMaxTps.limitedBy.resource === 'disk-space';
  const isAbove = peak !== undefined && peak.high > tps;
  const room = isDiskLimited ? Infinity : (safeTpsOf(safeMaxTps) ?? Infinity) - tps;
  if ((!isDiskLimited && !isAbove) || room <= 0) return noGain('retention', 'disk-space-suffices');
  const proposedSeconds = half * retentionSeconds;
  const commands = commandsOf[broker](quotedWord(cluster), proposedSeconds, verdict.fingerprint ?? {});
  const [least, leastZh] = [durationText(proposedSeconds), durationText(proposedSeconds, 'zh')];
  const isUnknown = commands.length === 0;
  return {
    kind: 'ready',
    lever: 'retention',
    gain: { low: Math.min(tps / quarter - tps, room), high: Math.min(tps / half - tps, room) },
    targets: largestFirst(topics).slice(0, mostTopics),
    commands,
    evidence: `the disks hold ${rateText(tps)} for ${durationText(retentionSeconds)}; the gain is for a retention shorter by a quarter to a half.${isUnknown ? ` No command is prepared, since the configured retention is unknown or already short: lower it only where it is above ${least}.` : ''} Older messages are deleted, read or not: check the lag of their groups first`,
    evidenceZh: `磁盘可将 ${rateText(tps, 'zh')}的消息保留 ${durationText(retentionSeconds, 'zh')}；收益按保留时间缩短四分之一到一半计算。${isUnknown ? `当前配置的保留时间未知或已经较短，因此不提供命令：仅在其长于 ${leastZh} 时才缩短。` : ''}更早的消息无论是否已消费都会被删除：请先检查消费组的堆积`,
  };
};

/** Empty if the configured retention may be shorter, since the command would then extend it. */
const commandsOf: ByKind<
  (cluster: string, retentionSeconds: number, fingerprint: Readonly<Record<string, string>>) => string[]
> = {
  // The retention.ms of a topic is not read, and may be shorter.
  kafka: () => [],
  rocketmq: (cluster, retentionSeconds, fingerprint) => {
    const hours = Math.max(1, Math.floor(retentionSeconds / 3600));
    const configuredHours = Number(fingerprint['broker.settings.fileReservedTime']);
    return configuredHours > hours
      ? [`plimsoll ops rocketmq alter-config --cluster ${cluster} --all-brokers --set fileReservedTime=${hours}`]
      : [];
  },
};
