// Builds names of partitions that are unique in a cluster. RocketMQ numbers queues per broker name.

import type { PartitionRef } from '../lookup.ts';

export const queueName = ({ brokerName, partition }: Pick<PartitionRef, 'brokerName' | 'partition'>): string =>
  brokerName === undefined ? String(partition) : `${brokerName}:${partition}`;

export const partitionKey = (place: PartitionRef): string => `${place.topic}\u0000${queueName(place)}`;
