// Defines a broker version by its jars on Maven Central.

export interface Release {
  /** Prefix of its folder in the cache. */
  product: string;
  /** Name in messages. */
  title: string;
  version: string;
  /** The first is the broker's own artefact, which includes most of the others as dependencies. */
  artefacts: readonly { group: string; artefact: string; version: string; classifier?: string }[];
  /** Versions that are complete on Maven Central, for error messages. */
  complete: readonly string[];
}
