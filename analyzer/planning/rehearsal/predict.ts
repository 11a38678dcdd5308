// Predicts what fails first in a rehearsal, with the fluid model of `plimsoll simulate` over its steps.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Limit } from '../../../core/documents/analysis.ts';
import type { BrokerStop, PredictedFailure } from '../../../core/documents/rehearsal.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { linkCeilings } from '../../../core/wire/ethernet.ts';
import { startOfDay } from '../simulation/day-state.ts';
import { flowRates } from '../simulation/flow-rates.ts';
import { failoverOf, streamCost } from '../simulation/planned-cluster.ts';
import {
  type DataSet,
  type ReadingGroup,
  servingOf,
  type SimulatedCluster,
  spreadSets,
  type Stream,
} from '../simulation/simulated-cluster.ts';
import { simulateDay } from '../simulation/simulate-day.ts';
import type { Build } from '../sizing/request.ts';
import { momentOf, totalOf, type RehearsalCourse } from './course.ts';

interface RehearsedBroker {
  id: string;
  /** Speed of its card, bits per second; absent if unknown. */
  linkBitsPerSecond?: number;
  /** Free space on its disk until the guard ends the rehearsal; absent if unknown. */
  freeBytes?: number;
}

interface RehearsedTopic {
  name: string;
  messageBytes: number;
  keyBytes?: number;
  groups: readonly ReadingGroup[];
}

export interface PredictedCluster extends Build {
  brokers: readonly RehearsedBroker[];
  topics: readonly RehearsedTopic[];
  /** Messages due within this time are sent together. */
  lingerSeconds: number;
  /** Producer threads. */
  workers: number;
  /** From an earlier analysis whose limit is neither card nor disk: the rate at which the whole cluster is saturated. */
  saturation?: { tps: number; limit: Limit };
  /** An analysis was given, but found no saturation. */
  isSaturationUnknown?: true;
}

/** The model counts minutes, so each step of the rehearsal becomes a minute, with times stretched. */
const minuteSeconds = 60;
const endless = Number.MAX_SAFE_INTEGER;
/** Which of two cards, or directions of one, saturates first is only known to the accuracy of the message bytes. */
const alikeShare = 0.95;

export function predictFailure(
  cluster: PredictedCluster,
  course: RehearsalCourse,
  policy: Policy,
  stop?: BrokerStop,
): PredictedFailure {
  const blind = cluster.brokers.filter(({ linkBitsPerSecond }) => linkBitsPerSecond === undefined);
  if (blind.length > 0 && cluster.saturation === undefined) {
    return {
      kind: 'unknown',
      missing: [
        ...blind.map(({ id }) => `speed of the network card of broker ${id} (hosts.NAME.network.speed)`),
        cluster.isSaturationUnknown
          ? 'or a verdict with a saturation: that of --analysis has none'
          : 'or a verdict of this cluster (--analysis)',
      ],
    };
  }
  const simulated = simulatedOf(cluster, course);
  const stretch = minuteSeconds / course.stepSeconds;
  const stopped = stop && machinesOf(cluster, stop.broker);
  const outages = (stopped ?? []).map((machine) => ({
    machine,
    from: (stop?.rehearsalSeconds ?? 0) * stretch,
    until: ((stop?.rehearsalSeconds ?? 0) + (stop?.lastsSeconds ?? 0)) * stretch,
    isOrderly: false,
  }));
  const { course: day } = simulateDay(simulated, { outages, slow: [] });
  const { achievedShare, growthShare } = policy.step;
  const lagTime = policy.slo?.lagTime?.value;
  const failing = course.steps.map((rates, step) => {
    const offered = totalOf(rates);
    const grown = day.lags.findIndex(
      (lags) =>
        ((lags[step] ?? 0) - (lags[step - 1] ?? 0)) / stretch > growthShare.value * offered * course.stepSeconds,
    );
    const isLate = lagTime !== undefined && (day.lagSeconds[step] ?? 0) / stretch > lagTime;
    const isMissed = (day.accepted[step] ?? 0) < achievedShare.value * offered;
    return { isMissed, isOutside: isMissed || grown >= 0 || isLate, reader: grown };
  });
  const first = failing.findIndex(({ isOutside }) => isOutside);
  if (first < 0) return { kind: 'none' };
  const minutes = failing.filter(({ isOutside }) => isOutside).length;
  const outage = stop !== undefined && first >= stop.step ? stop : undefined;
  const reader = failing[first]?.reader ?? -1;
  const found =
    (day.diskUsed[first] ?? 0) >= 1
      ? diskFull(cluster)
      : causeOf(cluster, simulated, course, { step: first, outage, reader }, policy);
  return {
    kind: 'failure',
    ...momentOf(course, first),
    targetTps: totalOf(course.steps[first] ?? []),
    ...found,
    minutesOutside: (minutes * course.stepSeconds * course.compress) / 60,
  };
}

type Found = Pick<Extract<PredictedFailure, { kind: 'failure' }>, 'cause' | 'limit' | 'alike' | 'evidence'>;

/** The smallest disk fills first, since all brokers are written equally. */
function diskFull({ brokers }: PredictedCluster): Found {
  const [least] = brokers.toSorted((a, b) => (a.freeBytes ?? endless) - (b.freeBytes ?? endless));
  const node = least?.id ?? '';
  return {
    cause: 'resource',
    limit: { resource: 'disk-space', node },
    alike: [{ resource: 'disk-space', node }],
    evidence: [
      {
        name: `free on the disk of ${node} until the guard ends the load`,
        value: least?.freeBytes ?? 0,
        unit: 'B',
        source: 'file system',
      },
    ],
  };
}

/** The required use is that of a cluster without limits; the most loaded card or disk explains missed load. */
function causeOf(
  cluster: PredictedCluster,
  simulated: SimulatedCluster,
  course: RehearsalCourse,
  { step, outage, reader }: { step: number; outage: BrokerStop | undefined; reader: number },
  policy: Policy,
): Found {
  const rates = course.steps[step] ?? [];
  const { fullPerLeaderTps: _, ...limitedByCards } = simulated;
  const free: SimulatedCluster = {
    ...limitedByCards,
    machines: simulated.machines.map((machine) => ({ ...machine, networkBytesPerSecond: endless })),
  };
  const state = startOfDay(free, 1);
  for (const machine of outage === undefined ? [] : machinesOf(cluster, outage.broker))
    state.machines[machine] = 'down';
  const { use } = flowRates(free, state, { serving: servingOf(free, state.machines), time: 0, rates });
  const cards = cluster.brokers.flatMap(({ id, linkBitsPerSecond }, machine) =>
    linkBitsPerSecond === undefined || state.machines[machine] === 'down'
      ? []
      : (['in', 'out'] as const).map((way) => ({
          id,
          resource: `network-${way}` as const,
          need: use[way][machine] ?? 0,
          capacity: simulated.machines[machine]?.networkBytesPerSecond ?? 0,
          bitsPerSecond: linkBitsPerSecond,
        })),
  );
  const shareOf = (card: (typeof cards)[number]) => card.need / card.capacity;
  const fullest = cards.toSorted((a, b) => shareOf(b) - shareOf(a))[0];
  const { saturation } = cluster;
  const target = totalOf(rates);
  const ofSaturation = saturation === undefined ? 0 : target / saturation.tps;
  if (saturation !== undefined && ofSaturation >= 1 && ofSaturation > (fullest ? shareOf(fullest) : 0)) {
    return {
      cause: 'slo' in saturation.limit ? 'slo' : 'resource',
      limit: saturation.limit,
      alike: [],
      evidence: [{ name: 'saturation', value: saturation.tps, unit: 'msg/s', source: 'analysis' }],
    };
  }
  if (fullest !== undefined && shareOf(fullest) >= policy.saturation.network.value) {
    const { id, resource, need, capacity, bitsPerSecond } = fullest;
    const alike = cards.filter((card) => shareOf(card) >= alikeShare * shareOf(fullest));
    return {
      cause: 'resource',
      limit: { resource, node: id },
      alike: alike.map((card) => ({ resource: card.resource, node: card.id })),
      evidence: [
        { name: `${resource} needed by broker ${id}`, value: need, unit: 'B/s', source: 'bytes of the protocols' },
        { name: 'capacity of its card', value: capacity, unit: 'B/s', source: `link of ${bitsPerSecond / 1e6} Mbit/s` },
      ],
    };
  }
  const names = simulated.streams.flatMap(({ groups }) => groups);
  const group = names[reader];
  if (group?.mostPerSecond !== undefined && group.mostPerSecond < target) {
    return {
      cause: 'consumer-lag',
      limit: { slo: 'consumer-lag', group: group.name },
      alike: [],
      evidence: [
        {
          name: 'most that the group takes',
          value: group.mostPerSecond,
          unit: 'msg/s',
          source: 'partitions over processing time',
        },
      ],
    };
  }
  if (outage !== undefined) return { cause: 'broker-stopped', alike: [], evidence: [] };
  return { cause: 'unexplained', alike: [], evidence: [] };
}

/** Hosts that go down with a broker. */
const machinesOf = ({ brokers }: PredictedCluster, broker: string) =>
  brokers.flatMap(({ id }, machine) => (id === broker ? [machine] : []));

function simulatedOf(cluster: PredictedCluster, course: RehearsalCourse): SimulatedCluster {
  const { broker, brokers, topics, replicas, saturation } = cluster;
  const traits = traitsOf(broker);
  const stretch = minuteSeconds / course.stepSeconds;
  const leaders = brokers.filter(({ id }) => traits.brokerId.canLead(id)).length;
  return {
    name: 'rehearsal',
    broker,
    failover: failoverOf(cluster.mode),
    machines: brokers.map(({ id, linkBitsPerSecond, freeBytes }) => ({
      host: id,
      networkBytesPerSecond: linkBitsPerSecond === undefined ? endless : linkCeilings(linkBitsPerSecond).counter,
      // Steps are stretched to minutes, and so is what they write.
      diskBytes: freeBytes === undefined ? endless : freeBytes * stretch,
      cacheBytes: endless,
    })),
    sets: setsOf(cluster),
    streams: topics.map((topic, index) => streamOf(cluster, course, topic, index)),
    awaitsCopies: traits.copies === 'any-broker',
    leastCopies: Math.max(1, traits.copies === 'any-broker' ? replicas - 1 : 1),
    electionSeconds: traits.failover.electionSeconds * stretch,
    handoverSeconds: traits.failover.handoverSeconds * stretch,
    holdSeconds: traits.failover.holdSeconds * stretch,
    isThrottled: true,
    safe: { perLeaderTps: endless, networkShare: 1, diskShare: 1 },
    ...(saturation && { fullPerLeaderTps: saturation.tps / Math.max(1, leaders) }),
  };
}

function setsOf({ broker, brokers, replicas }: PredictedCluster): DataSet[] {
  const { copies, brokerId } = traitsOf(broker);
  if (copies === 'any-broker') {
    const ids = brokers.map(({ id }) => id);
    return spreadSets(ids, replicas);
  }
  const members = brokers.map(({ id }, machine) => ({ id, machine }));
  return [...Map.groupBy(members, ({ id }) => brokerId.group(id))].map(([name, of]) => ({
    name,
    copies: of
      .toSorted((a, b) => Number(brokerId.canLead(b.id)) - Number(brokerId.canLead(a.id)))
      .map(({ machine }) => machine),
  }));
}

function streamOf(cluster: PredictedCluster, course: RehearsalCourse, topic: RehearsedTopic, index: number): Stream {
  const rates = Float64Array.from(course.steps, (step) => step[index] ?? 0);
  return {
    name: topic.name,
    rates,
    groups: topic.groups,
    cost: streamCost(
      cluster,
      {
        messagesPerRequest: Math.max(1, (Math.max(...rates) * cluster.lingerSeconds) / cluster.workers),
        ...(topic.keyBytes !== undefined && { keyBytes: topic.keyBytes }),
      },
      topic.messageBytes,
    ),
    retentionSeconds: endless,
    averageTps: 0,
  };
}
