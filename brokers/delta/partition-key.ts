// Builds names of partitions that are unique in a cluster. RocketMQ numbers queues per broker name.

import type { PartitionPlace } from '../../core/cluster.ts';

export const queueName = ({ brokerName, partition }: Pick<PartitionPlace, 'brokerName' | 'partition'>): string =>
  brokerName === undefined ? String(partition) : `${brokerName}:${partition}`;

export const partitionKey = (place: PartitionPlace): string => `${place.topic}\u0000${queueName(place)}`;
