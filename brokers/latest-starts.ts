// Limits where a consumer starts in a partition, so that messages that a killed consumer read but did not record are
// read again.

/**
 * @param latest latest start offset by partition
 * @returns a function from start offset to limited start offset; the limit of a partition applies only to its first
 * start
 */
export function limitStarts(latest: ReadonlyMap<number, number> = new Map()) {
  const left = new Map(latest);
  return (partition: number, start: bigint): bigint => {
    const limit = BigInt(left.get(partition) ?? start);
    left.delete(partition);
    return limit < start ? limit : start;
  };
}
