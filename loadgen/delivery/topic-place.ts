// Converts a place number to its topic and partition.

import { isUnknownPlace, partitionOf, topicIndexOf } from './place.ts';

/** Has no partition if only the topic of the messages is known. */
export interface LogPlace {
  topic: string;
  partition?: number;
}

export type PartitionNamer = (place: number) => LogPlace;

export const isAt =
  ({ topic, partition }: LogPlace) =>
  (one: { topic: string; partition?: number | undefined }): boolean =>
    one.topic === topic && one.partition === partition;

/** @param topics topics of the run, in the order that place numbers use */
export function topicsAndPartitions(topics: readonly string[]): PartitionNamer {
  return (place) => {
    const index = topicIndexOf(place);
    const topic = topics[index] ?? `topic ${index + 1}`;
    return isUnknownPlace(place) ? { topic } : { topic, partition: partitionOf(place) };
  };
}
