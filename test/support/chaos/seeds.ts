// Lists the seeds of the chaos runs. Each list was committed before its first run; a seed that failed stays.

/** Odd seeds are for Kafka, even ones for RocketMQ. */
export const seeds: readonly number[] = [
  ...Array.from({ length: 64 }, (_, index) => 1001 + index),
  ...Array.from({ length: 12 }, (_, index) => 2001 + index),
  ...Array.from({ length: 8 }, (_, index) => 3001 + 2 * index),
];
