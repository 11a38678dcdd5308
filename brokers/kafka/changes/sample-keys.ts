// Samples the keys of a partition's newest messages by fetching from its leader, outside of any group.

import { murmur2 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { kafkaErrorNamed } from '../error-names.ts';
import { toAppError } from '../errors.ts';
import { batchesIn, isControl, nextAfter, noSession } from '../lookup/stored-batches.ts';
import { fetchRecords } from '../platformatic/fetch.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

export interface SampledPartition {
  partition: number;
  keys: Buffer[];
  /** Messages without a key: any partition is as good for them. */
  keyless: number;
}

export interface SampledFrom {
  topic: string;
  partition: number;
  from: bigint;
  end: bigint;
}

/** @param most messages at least, where there are so many; the batch they end in is counted whole */
export async function sampleKeys(
  link: Link,
  { topic, partition, from, end }: SampledFrom,
  most: number,
  io: Io,
): Promise<SampledPartition> {
  const api = newestSpoken(link, 'Fetch', [[12, fetchRecords]]);
  const sampled: SampledPartition = { partition, keys: [], keyless: 0 };
  let offset = from;
  while (offset < end && sampled.keys.length + sampled.keyless < most) {
    const { partitions } = await link.ask(`read ${topic}-${partition}`, io, api, topic, {
      ...noSession,
      positions: [{ partition, offset }],
    });
    const answer = partitions.find((each) => each.partition === partition);
    const refusal = answer && kafkaErrorNamed(answer.errorCode);
    // No sample would read as no keys.
    if (refusal === 'TOPIC_AUTHORIZATION_FAILED') {
      const attempt = { action: `read ${topic}-${partition}`, address: link.address, api: 'Fetch' };
      throw toAppError({ apiId: refusal, message: 'the leader refused it' }, attempt);
    }
    if (answer === undefined || refusal !== undefined) return sampled;
    let next = offset;
    for (const batch of batchesIn(answer.records ?? Buffer.alloc(0), `${topic}-${partition}`)) {
      next = nextAfter(batch);
      for (const { key } of isControl(batch) ? [] : batch.records) {
        if (key === null) sampled.keyless += 1;
        else sampled.keys.push(key);
      }
    }
    if (next <= offset) return sampled;
    offset = next;
  }
  return sampled;
}

/** BuiltInPartitioner.partitionForKey of org.apache.kafka.clients: murmur2 without its sign. */
export function partitionOfKey(key: Buffer, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
