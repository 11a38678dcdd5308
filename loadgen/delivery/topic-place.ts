// Converts a place number to its topic and partition.

import { isUnknownPlace, partitionOf, topicIndexOf } from './place.ts';

/** Without a partition where only the topic of the messages is known. */
export type PartitionNamer = (place: number) => { topic: string; partition?: number };

/** @param topics the run's, in the order places are counted in */
export function topicsAndPartitions(topics: readonly string[]): PartitionNamer {
  return (place) => {
    const index = topicIndexOf(place);
    const topic = topics[index] ?? `topic ${index + 1}`;
    return isUnknownPlace(place) ? { topic } : { topic, partition: partitionOf(place) };
  };
}
