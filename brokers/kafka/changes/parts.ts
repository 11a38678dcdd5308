// Groups partitions by topic for requests, and defines a partition that a broker refused.

export interface PartitionName {
  topic: string;
  partition: number;
}

/** A partition that the broker refused, while it accepted others of the same request. */
export interface RefusedPart extends PartitionName {
  /** Kafka's name of the error. */
  reason: string;
  message?: string;
}

/** Groups parts by topic, because requests name each topic once. */
export function byTopic<Part extends PartitionName>(parts: readonly Part[]): { name: string; parts: Part[] }[] {
  return [...Map.groupBy(parts, ({ topic }) => topic)].map(([name, own]) => ({ name, parts: own }));
}

/** Time that the controller may take for a change. */
export const brokerWaitMs = 8000;
