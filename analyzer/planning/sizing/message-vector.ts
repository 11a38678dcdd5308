// Computes the resources one message of a domain needs on the brokers, with all copies and groups.

import { traitsOf, byKind } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { defined } from '../../../core/defined.ts';
import type { ClusterPlan, Demand } from '../../../core/documents/cluster-plan.ts';
import type { ClusterLoad, RocketmqMode } from '../../../core/wire/cluster-load.ts';
import { cardBytes, messageCost } from '../../../core/wire/message-cost.ts';
import type { Build } from './request.ts';
import { usualNames } from '../../../core/wire/rocketmq-headers.ts';

/**
 * Bytes a message. Of RocketMQ at the one of a group that carries most: a slave is sent whole records, which outweigh what a master is
 * sent where messages come in batches, are kept aside first, or have no readers. Of Kafka at all brokers together, where the leader's
 * followers are leaders of other partitions, so that a copy counts where it arrives, too.
 */
export interface MessageVector {
  in: number;
  out: number;
  disk: number;
  /** Part of `in` and `out` that is of consumers. */
  consumerIn: number;
  consumerOut: number;
}

export interface MessageShape extends Pick<
  Demand,
  'consumerGroups' | 'compressionRatio' | 'messagesPerRequest' | 'keyBytes'
> {
  /** RocketMQ keeps a delayed message aside first, and so stores it twice. */
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

/** Of a domain of a plan. */
export const plannedVector = (build: Build, { messageBytes, ...shape }: PlannedMessage): MessageVector =>
  messageVector(build, defined(shape), messageBytes);

export function messageLoad(
  { broker, mode, replicas }: Build,
  demand: MessageShape,
  messageBytes: number,
): ClusterLoad {
  const { consumerGroups, compressionRatio, keyBytes, isDelayed } = demand;
  const messagesPerRequest = isDelayed === true && traitsOf(broker).storesAside ? undefined : demand.messagesPerRequest;
  const common = {
    replicas,
    groups: consumerGroups,
    bodyBytes: Math.max(1, messageBytes),
    ...usualNames,
    ...defined({ compressionRatio, messagesPerRequest, keyBytes }),
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
