// Samples the keys of a partition's newest messages by fetching from its leader, without a group.

import type { Io } from '../../driver.ts';
import { toAppError } from '../errors.ts';
import { batchesIn, fetchBatches, isControl, nextAfter } from '../lookup/stored-batches.ts';
import { batchesOf, isOldFormat, isWhole } from '../platformatic/record-batch.ts';
import type { Link } from '../wire/links.ts';

const forbidden = 'TOPIC_AUTHORIZATION_FAILED';

export interface SampledPartition {
  partition: number;
  keys: Buffer[];
  /** Number of messages without a key, which can go to any partition. */
  keyless: number;
  /** Some of them have a format of before Kafka 0.11, whose keys are not read. */
  hasOldFormat?: true;
}

export interface SampledFrom {
  topic: string;
  partition: number;
  from: bigint;
  end: bigint;
}

/** @param most minimum number of messages, if there are enough; the last batch counts completely */
export async function sampleKeys(
  link: Link,
  { topic, partition, from, end }: SampledFrom,
  most: number,
  io: Io,
): Promise<SampledPartition> {
  const sampled: SampledPartition = { partition, keys: [], keyless: 0 };
  let offset = from;
  while (offset < end && sampled.keys.length + sampled.keyless < most) {
    const { refusal, records } = await fetchBatches(link, { topic, partition, offset }, io);
    // An empty sample would look like messages without keys.
    if (refusal?.startsWith(forbidden)) {
      const attempt = { action: `read ${topic}-${partition}`, address: link.address, api: 'Fetch' };
      throw toAppError({ apiId: forbidden, message: 'the leader refused it' }, attempt);
    }
    if (refusal !== undefined) return sampled;
    let next = offset;
    for (const bytes of batchesOf(records)) {
      if (isWhole(bytes) && isOldFormat(bytes)) {
        sampled.hasOldFormat = true;
        next = bytes.readBigInt64BE(0) + 1n;
        continue;
      }
      for (const batch of batchesIn(bytes, `${topic}-${partition}`)) {
        next = nextAfter(batch);
        for (const { key } of isControl(batch) ? [] : batch.records) {
          if (key === null) sampled.keyless += 1;
          else sampled.keys.push(key);
        }
      }
    }
    if (next <= offset) return sampled;
    offset = next;
  }
  return sampled;
}
