// Builds the JSON files that kafka-reassign-partitions.sh reads for a plan or its rollback.

import type { RecordedOperation } from '../../../core/documents/recorded-operation.ts';

/** A file of a part would leave the rest where it was moved to. */
export const isWhole = ({ partitions }: RecordedOperation): boolean =>
  partitions !== undefined && partitions.shown.length === partitions.all;

/** @returns what kafka-reassign-partitions.sh reads; nothing where the history has only a part */
export function kafkaAssignment(operation: RecordedOperation, which: 'plan' | 'rollback'): object | undefined {
  const { partitions } = operation;
  if (operation.operation !== 'reassignment' || partitions === undefined || !isWhole(operation)) return undefined;
  return {
    version: 1,
    partitions: partitions.shown.map(({ topic, partition, from, to }) => ({
      topic,
      partition,
      replicas: which === 'plan' ? to : from,
    })),
  };
}
