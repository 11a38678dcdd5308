// Finds the version of Kafka in the name of a distribution, and whether that version runs with ZooKeeper.

/** Of kafka_2.13-3.9.1.tgz, after the version of Scala, or of kafka-3.9.1. */
export const kafkaVersionIn = (name: string): string | undefined =>
  /(?:^|\/)kafka[_-](?:2\.\d+-)?(\d+\.\d+(?:\.\d+)*)[^/]*$/.exec(name)?.[1];

/** Kafka 4.0 removed it (KIP-500). */
export const mayUseZooKeeper = (version: string): boolean => Number.parseInt(version, 10) < 4;
