// Checks whether arriving replicas fit into the log directories of a broker, wherever Kafka puts them.

import type { LogDirectory } from '../../../brokers/kafka/changes/replica-sizes.ts';

/**
 * LogManager.nextLogDirs chooses the directory with the fewest partitions and ignores free space. The order of arrival
 * is unknown, so each directory needs room for the largest of as many replicas as it may get.
 *
 * @param sizes bytes of the arriving replicas. @returns a directory that could become full; absent if none
 */
export function overfilled(
  directories: readonly LogDirectory[],
  sizes: readonly number[],
): { needed: number; usableBytes: number } | undefined {
  const descending = sizes.toSorted((one, other) => other - one);
  return directories
    .map(({ usableBytes, partitions: own }) => {
      // It gets another replica once no directory has fewer.
      const before = (got: number) =>
        directories.reduce((sum, { partitions }) => sum + Math.max(0, own + got - partitions), 0);
      const largest = descending.filter((_, got) => before(got) < sizes.length);
      return { needed: largest.reduce((sum, size) => sum + size, 0), usableBytes };
    })
    .find(({ needed, usableBytes }) => needed > usableBytes);
}
