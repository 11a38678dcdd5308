// Computes the partition that Kafka's clients choose for a key.

/** BuiltInPartitioner.partitionForKey of org.apache.kafka.clients: murmur2 without its sign bit. */
export function partitionOfKey(key: Buffer, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** MurmurHash2 with Kafka's seed, as in org.apache.kafka.common.utils.Utils. @returns a signed int32 */
function murmur2(data: Buffer): number {
  const m = 0x5bd1e995;
  const { length } = data;
  let hash = 0x9747b28c ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let k = Math.imul(data.readInt32LE(i), m);
    k = Math.imul(k ^ (k >>> 24), m);
    hash = Math.imul(hash, m) ^ k;
  }
  const left = length - i;
  if (left >= 3) hash ^= (data[i + 2] ?? 0) << 16;
  if (left >= 2) hash ^= (data[i + 1] ?? 0) << 8;
  if (left >= 1) hash = Math.imul(hash ^ (data[i] ?? 0), m);
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return hash ^ (hash >>> 15);
}
