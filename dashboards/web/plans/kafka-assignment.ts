// Builds the JSON files of a plan or its rollback for kafka-reassign-partitions.sh.

import type { RecordedOperation } from '../../../core/documents/recorded-operation.ts';

/** Requires all partitions, because a rollback file with only some would leave the others moved. */
export const isWhole = ({ partitions }: RecordedOperation): boolean =>
  partitions !== undefined && partitions.shown.length === partitions.all;

/** @returns the input of kafka-reassign-partitions.sh; undefined if the history has only some of the partitions */
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
