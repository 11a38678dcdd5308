// Converts a place number to its topic and partition.

import { partitionOf, topicIndexOf } from './place.ts';

export type PartitionNamer = (place: number) => { topic: string; partition: number };

/** @param topics the run's, in the order places are counted in */
export function topicsAndPartitions(topics: readonly string[]): PartitionNamer {
  return (place) => {
    const index = topicIndexOf(place);
    return { topic: topics[index] ?? `topic ${index + 1}`, partition: partitionOf(place) };
  };
}
