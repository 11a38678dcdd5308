// Names a partition so that the name is unique in its cluster. RocketMQ numbers queues per broker name.

import type { PartitionRef } from '../lookup.ts';

export const queueName = ({ brokerName, partition }: Pick<PartitionRef, 'brokerName' | 'partition'>): string =>
  brokerName === undefined ? String(partition) : `${brokerName}:${partition}`;

/** Unique in a cluster. */
export const partitionKey = (place: PartitionRef): string => `${place.topic}\u0000${queueName(place)}`;
