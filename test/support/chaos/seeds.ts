// Lists the seeds of the chaos runs. The list was committed before the first run; a seed that failed stays.

/** Odd: Kafka; even: RocketMQ. */
export const seeds: readonly number[] = Array.from({ length: 64 }, (_, index) => 1001 + index);
