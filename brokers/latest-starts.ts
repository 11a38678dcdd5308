// Limits where a consumer starts in a partition, to read again what a killed consumer read but did not record.

/**
 * @param latest latest start offset by partition
 * @returns a function that limits a start offset; the limit of a partition applies only to its first start
 */
export function limitStarts(latest: ReadonlyMap<number, number> = new Map()) {
  const left = new Map(latest);
  return (partition: number, start: bigint): bigint => {
    const limit = BigInt(left.get(partition) ?? start);
    left.delete(partition);
    return limit < start ? limit : start;
  };
}
