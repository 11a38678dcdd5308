// Samples the keys of a partition's newest messages by fetching from its leader, outside of any group.

import { murmur2, Reader, readRecordsBatch } from '@platformatic/kafka';
import type { Io } from '../../driver.ts';
import { kafkaErrorNamed, toAppError } from '../errors.ts';
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

const noSession = { sessionId: 0, epoch: -1 };
const controlBit = 0b10_0000;
/** baseOffset int64, then batchLength int32: of what follows it. */
const beforeLength = 12;

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
    const next = gather(answer.records ?? Buffer.alloc(0), sampled);
    if (next === undefined || next <= offset) return sampled;
    offset = next;
  }
  return sampled;
}

/** @returns the offset after the last whole batch */
function gather(records: Buffer, sampled: SampledPartition): bigint | undefined {
  let next: bigint | undefined;
  for (let at = 0; at + beforeLength <= records.length;) {
    const end = at + beforeLength + records.readInt32BE(at + 8);
    if (end > records.length || end <= at + beforeLength) break;
    const batch = readRecordsBatch(Reader.from(records.subarray(at, end)));
    at = end;
    next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    if ((batch.attributes & controlBit) !== 0) continue;
    for (const { key } of batch.records) {
      if (key === null) sampled.keyless += 1;
      else sampled.keys.push(key);
    }
  }
  return next;
}

/** BuiltInPartitioner.partitionForKey of org.apache.kafka.clients: murmur2 without its sign. */
export function partitionOfKey(key: Buffer, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
