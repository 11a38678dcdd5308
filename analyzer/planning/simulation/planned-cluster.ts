// Builds the cluster to simulate from a plan; values missing in the plan are assumptions with sources.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import { AppError } from '../../../core/errors.ts';
import { linkCeilings } from '../../../core/wire/ethernet.ts';
import { cardBytes, messageCost } from '../../../core/wire/message-cost.ts';
import { rateResources } from '../sizing/cluster-load-draws.ts';
import { messageLoad, type MessageShape } from '../sizing/message-vector.ts';
import { hasFailover, writeQuorum, type Build } from '../sizing/request.ts';
import type { SizingPolicy } from '../sizing/sizing-policy.ts';
import { curveFromHours, usualDayOf } from './load-curve.ts';
import {
  type DataSet,
  type Failover,
  type Machine,
  type SimulatedCluster,
  spreadSets,
  type Stream,
  type StreamCost,
} from './simulated-cluster.ts';
import { defined } from '../../../core/defined.ts';

/** Reserve of a plan for consumers: a group that paused for ten minutes catches up within half an hour at the peak. */
export const plannedConsumerSpeed = 1 + 600 / 1800;

export interface SimulationChoices {
  /** Share of the peak for each minute; absent: the curve of the domain, or the usual day. */
  curve?: Float64Array;
  /** Which value of the peak's interval is simulated. */
  world: 'low' | 'mid' | 'high';
  /** Maximum consumption rate of groups over the planned peak. */
  consumerSpeed: number;
  isThrottled: boolean;
}

/** One broker has the queue, but the simulation distributes the load over all brokers. */
export const hasOneQueue = ({ domains }: Pick<ClusterPlan, 'domains'>): boolean =>
  domains.some(({ order }) => order === 'global');

/** @throws AppError usage for a cluster with a queue of global order */
export function plannedCluster(plan: ClusterPlan, policy: SizingPolicy, choices: SimulationChoices): SimulatedCluster {
  const { name, broker, mode, masters, promise } = plan;
  if (hasOneQueue(plan)) {
    throw new AppError('usage', `cluster ${name} has a domain of global order, whose one queue cannot be simulated`, {
      hint: 'simulate the other clusters of the plan with --cluster',
    });
  }
  const failover = failoverOf(mode);
  const traits = traitsOf(broker);
  const { deletesBeyondShare } = traits;
  // Alternating over the zones, as planned.
  const hosts = plan.brokers.map(({ host }) => host);
  const useOf = ({ atPeak, full }: ClusterPlan['resources'][number]) => atPeak / full;
  const rates = plan.resources.filter(({ resource }) => rateResources.some((name) => name === resource));
  const cores = rates.find(({ resource }) => resource === 'messages');
  return {
    name,
    broker,
    failover,
    machines: plan.brokers.map((each): Machine => ({
      host: each.host,
      ...(each.zone !== undefined && { zone: each.zone }),
      ...machineOf(plan, policy),
    })),
    sets: traits.copies === 'any-broker' ? spreadSets(hosts, plan.replicas) : groups(plan),
    streams: plan.domains.map((domain) => streamOf(plan, domain, choices, policy)),
    lostBrokers: Math.max(1, ...promise.losses.map(({ kind, brokers = 1 }) => (kind === 'brokers-lost' ? brokers : 1))),
    leastCopies: writeQuorum(plan, plan.domains),
    awaitsCopies: failover === 'spread' && !plan.domains.every(({ loss }) => loss === 'may-lose'),
    ...traits.failover,
    isThrottled: choices.isThrottled,
    ...(deletesBeyondShare !== undefined && { deletesBeyondShare }),
    safe: {
      perLeaderTps:
        promise.safeTps[choices.world === 'mid' ? 'mid' : choices.world === 'high' ? 'low' : 'high'] / masters,
      networkShare: Math.min(policy.limits['network-in'].value, policy.limits['network-out'].value),
      diskShare: policy.limits['disk-io'].value,
    },
    // Saturation of cards and disks results from the simulation and is not configured.
    ...(cores && {
      fullPerLeaderTps: (promise.saturationTps * Math.max(...rates.map(useOf))) / useOf(cores) / masters,
    }),
  };
}

export const failoverOf = (mode: ClusterPlan['mode']): Failover =>
  mode === 'kraft' ? 'spread' : hasFailover({ mode }) ? 'within' : 'none';

function machineOf({ broker, shape }: ClusterPlan, policy: SizingPolicy): Omit<Machine, 'host'> {
  const heap = policy[`${broker}HeapBytes`].value;
  const { residentShare } = traitsOf(broker).memory;
  const free = shape.memoryBytes - Math.min(heap, shape.memoryBytes / 2) - policy.otherMemoryBytes.value;
  const most = residentShare === undefined ? free : residentShare * shape.memoryBytes;
  return {
    networkBytesPerSecond: linkCeilings(shape.networkBitsPerSecond).counter,
    ...(shape.diskWriteBytesPerSecond !== undefined && { diskBytesPerSecond: shape.diskWriteBytesPerSecond }),
    diskBytes: shape.diskBytes,
    cacheBytes: Math.max(1, Math.min(free, most)),
  };
}

function groups({ brokers }: ClusterPlan): DataSet[] {
  const members = brokers.map((broker, machine) => ({ ...broker, machine }));
  return [...Map.groupBy(members, ({ group, host }) => group ?? host)].map(([name, of]) => ({
    name,
    copies: of.toSorted((a, b) => a.brokerId - b.brokerId).map(({ machine }) => machine),
  }));
}

type PlannedDomain = ClusterPlan['domains'][number];

function streamOf(plan: ClusterPlan, domain: PlannedDomain, choices: SimulationChoices, policy: SizingPolicy): Stream {
  const { name, consumerGroups, retentionSeconds, usualTps, promotionDayTps, dayCurve, partitions } = domain;
  const peak = domain.peakTps[choices.world];
  const dayMean = Math.min(1, promotionDayTps / peak);
  const curve = choices.curve ?? (dayCurve ? curveFromHours(dayCurve) : usualDayOf(dayMean));
  return {
    name,
    rates: curve.map((share) => share * peak),
    groups: Array.from({ length: consumerGroups }, (_, index) => ({
      name: `group ${index + 1}`,
      mostPerSecond: choices.consumerSpeed * peak,
    })),
    cost: costOf(plan, domain),
    retentionSeconds,
    ...(traitsOf(plan.broker).copies === 'any-broker' && {
      segments: {
        bytes: partitions * policy.kafkaSegmentBytes.value,
        seconds: policy.kafkaSegmentSeconds.value,
      },
    }),
    averageTps: averageBefore(domain),
    usualTps,
  };
}

const daySeconds = 86_400;

/** Mean rate of the retention time before the promotion day, so that together with the day it equals the average in the plan. */
function averageBefore({ averageTps, promotionDayTps, retentionSeconds }: PlannedDomain): number {
  const seconds = retentionSeconds - daySeconds;
  if (seconds <= 0) return averageTps;
  return Math.max(0, (averageTps * retentionSeconds - promotionDayTps * daySeconds) / seconds);
}

function costOf({ broker, mode, replicas }: ClusterPlan, domain: PlannedDomain): StreamCost {
  const { compressionRatio, messagesPerRequest, keyBytes, isDelayed } = domain;
  const shape = defined({ compressionRatio, messagesPerRequest, keyBytes, isDelayed });
  return streamCost({ broker, mode, replicas }, shape, domain.messageBytes);
}

/** Bytes of one message by peer. */
export function streamCost(
  build: Build,
  shape: Omit<MessageShape, 'consumerGroups'>,
  messageBytes: number,
): StreamCost {
  // One group and all copies, from which the cost of each is derived.
  const cost = messageCost(messageLoad(build, { consumerGroups: 1, ...shape }, messageBytes));
  const copies = cardBytes(cost, 'follower');
  const followers = Math.max(1, build.replicas - 1);
  return {
    producer: cardBytes(cost, 'producer'),
    follower: { in: copies.in / followers, out: copies.out / followers },
    consumer: cardBytes(cost, 'consumer'),
    diskBytes: cost.diskBytes,
  };
}
