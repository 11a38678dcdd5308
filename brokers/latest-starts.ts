// Limits where a consumer starts in a partition, so that what a killed one read but did not record is read again.

/**
 * @param latest by partition: offset at which reading starts at the latest
 * @returns the offset to start at instead of the given one; the limit of a partition holds for its first start only
 */
export function limitStarts(latest: ReadonlyMap<number, number> = new Map()) {
  const left = new Map(latest);
  return (partition: number, start: bigint): bigint => {
    const limit = BigInt(left.get(partition) ?? start);
    left.delete(partition);
    return limit < start ? limit : start;
  };
}
