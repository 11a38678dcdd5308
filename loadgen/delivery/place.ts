// Encodes topic and partition as one number.

import { unknownPartition } from '../../brokers/driver.ts';

/** More partitions than one topic of a cluster has: Kafka advises 200,000 in a whole cluster, RocketMQ queues are far fewer. */
const partitionsPerTopic = unknownPartition + 1;

/** @param topic index among the run's topics @param partition of the topic */
export const placeOf = (topic: number, partition: number): number => topic * partitionsPerTopic + partition;

export const topicIndexOf = (place: number): number => Math.floor(place / partitionsPerTopic);

export const partitionOf = (place: number): number => place % partitionsPerTopic;

/** The place of messages of which only the topic is known. */
export const unknownPlaceOf = (topic: number): number => placeOf(topic, unknownPartition);

export const isUnknownPlace = (place: number): boolean => partitionOf(place) === unknownPartition;
