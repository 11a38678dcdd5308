// Encodes topic and partition as one number.

import { unknownPartition } from '../../brokers/driver.ts';

/** Above the partitions of any topic: Kafka advises at most 200,000 per cluster, and RocketMQ has far fewer queues. */
const partitionsPerTopic = unknownPartition + 1;

/** @param topic index in the run's topics @param partition partition of the topic */
export const placeOf = (topic: number, partition: number): number => topic * partitionsPerTopic + partition;

export const topicIndexOf = (place: number): number => Math.floor(place / partitionsPerTopic);

export const partitionOf = (place: number): number => place % partitionsPerTopic;

/** @returns the place of messages for which only the topic is known */
export const unknownPlaceOf = (topic: number): number => placeOf(topic, unknownPartition);

export const isUnknownPlace = (place: number): boolean => partitionOf(place) === unknownPartition;
