// Computes the resources that one message of a domain needs on the brokers, with all copies and groups.

import { traitsOf, byKind } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { defined } from '../../../core/defined.ts';
import type { ClusterPlan, Demand } from '../../../core/documents/cluster-plan.ts';
import type { ClusterLoad, RocketmqMode } from '../../../core/wire/cluster-load.ts';
import { cardBytes, messageCost } from '../../../core/wire/message-cost.ts';
import type { Build } from './request.ts';
import { usualNames } from '../../../core/wire/rocketmq-record.ts';

/**
 * Bytes per message. For RocketMQ at the most loaded member of a group: a slave receives whole records, which are larger than the master's
 * input if messages are batched, stored aside first, or have no consumers. For Kafka over all brokers together, because the leader's
 * followers lead other partitions, so that a copy also counts on arrival.
 */
export interface MessageVector {
  in: number;
  out: number;
  disk: number;
  /** Consumers' part of `in` and `out`. */
  consumerIn: number;
  consumerOut: number;
}

export interface MessageShape extends Pick<
  Demand,
  'consumerGroups' | 'compressionRatio' | 'messagesPerRequest' | 'keyBytes'
> {
  /** RocketMQ first stores a delayed message aside, and so stores it twice. */
  isDelayed?: boolean;
}

export function messageVector(build: Build, demand: MessageShape, messageBytes: number): MessageVector {
  const cost = messageCost(messageLoad(build, demand, messageBytes));
  const all = cardBytes(cost);
  const consumers = cardBytes(cost, 'consumer');
  const followers = cardBytes(cost, 'follower');
  const isSpread = traitsOf(build.broker).copies === 'any-broker';
  const slaves = Math.max(1, build.replicas - 1);
  return {
    in: isSpread ? all.in + followers.out : Math.max(all.in, followers.out / slaves),
    out: isSpread ? all.out + followers.in : Math.max(all.out, followers.in / slaves),
    disk: cost.diskBytes * (isSpread ? build.replicas : 1),
    consumerIn: consumers.in,
    consumerOut: consumers.out,
  };
}

type PlannedMessage = Pick<ClusterPlan['domains'][number], 'messageBytes' | keyof MessageShape>;

/** For a domain of a plan. */
export const plannedVector = (build: Build, { messageBytes, ...shape }: PlannedMessage): MessageVector =>
  messageVector(build, defined(shape), messageBytes);

/** RocketMQ cannot delay batches. @returns undefined if not stated */
export const messagesPerRequest = (
  broker: BrokerKind,
  demand: Pick<MessageShape, 'messagesPerRequest' | 'isDelayed'>,
) => (demand.isDelayed === true && traitsOf(broker).storesAside ? 1 : demand.messagesPerRequest);

export function messageLoad(
  { broker, mode, replicas }: Build,
  demand: MessageShape,
  messageBytes: number,
): ClusterLoad {
  const { consumerGroups, compressionRatio, keyBytes, isDelayed } = demand;
  const common = {
    replicas,
    groups: consumerGroups,
    bodyBytes: Math.max(1, messageBytes),
    ...usualNames,
    ...defined({ compressionRatio, messagesPerRequest: messagesPerRequest(broker, demand), keyBytes }),
  };
  return byKind<{ broker: BrokerKind }, ClusterLoad>(
    { broker },
    {
      kafka: () => ({ broker: 'kafka', mode: 'kraft', ...common }),
      rocketmq: () => ({
        broker: 'rocketmq',
        mode: mode as RocketmqMode,
        ...common,
        clusterNameBytes: usualNames.topicBytes,
        kind: isDelayed === true ? 'delayed' : 'plain',
      }),
    },
  );
}
