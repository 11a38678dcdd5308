// Finds the Kafka version in the name of a distribution, and whether that version supports ZooKeeper.

/** Matches names such as kafka_2.13-3.9.1.tgz, with the version of Scala first, or kafka-3.9.1. */
export const kafkaVersionIn = (name: string): string | undefined =>
  /(?:^|\/)kafka[_-](?:2\.\d+-)?(\d+\.\d+(?:\.\d+)*)[^/]*$/.exec(name)?.[1];

/** Kafka 4.0 removed ZooKeeper (KIP-500). */
export const mayUseZooKeeper = (version: string): boolean => Number.parseInt(version, 10) < 4;
