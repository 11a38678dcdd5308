// Defines a version of a broker as the jars of Maven Central that it consists of.

export interface Release {
  /** Begins the name of its folder in the cache. */
  product: string;
  /** As people write it. */
  title: string;
  version: string;
  /** The first one is the broker's own; it brings most of the rest along. */
  artefacts: readonly { group: string; artefact: string; version: string; classifier?: string }[];
  /** Versions that Maven Central has complete, for error messages. */
  complete: readonly string[];
}
