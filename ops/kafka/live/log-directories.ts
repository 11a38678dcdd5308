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
    .map(({ usableBytes }, own) => {
      const largest = descending.slice(0, mostInto(directories, own, sizes.length));
      return { needed: largest.reduce((sum, size) => sum + size, 0), usableBytes };
    })
    .find(({ needed, usableBytes }) => needed > usableBytes);
}

/** @returns number of the arriving replicas that one directory gets, which is preferred among equals */
function mostInto(directories: readonly LogDirectory[], own: number, arriving: number): number {
  const counts = directories.map(({ partitions }) => partitions);
  for (let left = arriving; left > 0; left -= 1) {
    const fewest = Math.min(...counts);
    counts[counts[own] === fewest ? own : counts.indexOf(fewest)] = fewest + 1;
  }
  return (counts[own] as number) - (directories[own]?.partitions ?? 0);
}
