// Groups partitions by topic for requests, and defines a partition that a broker refused.

export interface PartitionName {
  topic: string;
  partition: number;
}

/** One partition that the broker refused, while others of the same request went well. */
export interface RefusedPart extends PartitionName {
  /** Kafka's own name of the error. */
  reason: string;
  message?: string;
}

/** Requests name each topic once. */
export function byTopic<Part extends PartitionName>(parts: readonly Part[]): { name: string; parts: Part[] }[] {
  return [...Map.groupBy(parts, ({ topic }) => topic)].map(([name, own]) => ({ name, parts: own }));
}
