// How is a partition called? By its number, and of RocketMQ with its broker before it: numbers count anew at each.

import type { Place } from '../brokers/lookup.ts';

export const queueName = ({ brokerName, partition }: Pick<Place, 'brokerName' | 'partition'>): string =>
  brokerName === undefined ? String(partition) : `${brokerName}:${partition}`;

/** Unique in a cluster. */
export const placeKey = (place: Place): string => `${place.topic}\u0000${queueName(place)}`;
