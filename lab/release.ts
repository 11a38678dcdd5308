// What is a version of a broker made of: which jars of Maven Central?

export const labProducts = { kafka: 'Kafka', rocketmq: 'RocketMQ' } as const;
export type LabProduct = keyof typeof labProducts;

export interface Artefact {
  group: string;
  artefact: string;
  version: string;
  classifier?: string;
}

export interface Release {
  /** Begins the name of its folder in the cache. */
  product: string;
  /** As people write it. */
  title: string;
  version: string;
  /** The first one is the broker's own; it brings most of the rest along. */
  artefacts: readonly Artefact[];
  /** Versions that Maven Central has complete, for whoever asked for another. */
  complete: readonly string[];
}
