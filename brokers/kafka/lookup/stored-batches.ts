// Reads the record batches of a fetch response, and builds messages from their records.

import { Reader, readRecordsBatch } from '../library.ts';
import { orFault } from '../../../core/errors.ts';
import { latestMs } from '../../../core/local-moment.ts';
import type { FoundMessage } from '../../lookup.ts';
import type { Io } from '../../driver.ts';
import { refusalOf } from '../errors.ts';
import { fetchVersions } from '../platformatic/fetch.ts';
import {
  abortedAmong,
  batchesOf,
  checkFormat,
  isWhole,
  type AbortedTransaction,
} from '../platformatic/record-batch.ts';
import { appendTimeBit, controlBit, transactionalBit } from '../platformatic/record-batch-format.ts';
import { unpackedBatch } from '../platformatic/unpacked-records.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

/** @returns batches, starting with the one that contains the offset, or why the broker refused */
export async function fetchBatches(
  link: Link,
  {
    topic,
    partition,
    offset,
    isCommittedOnly = false,
  }: Pick<FoundMessage, 'topic' | 'partition' | 'offset'> & { isCommittedOnly?: boolean },
  io: Io,
): Promise<{ refusal?: string | undefined; records: Buffer; aborted: readonly AbortedTransaction[] }> {
  const api = newestSpoken(link, ...fetchVersions);
  const request = { positions: [{ partition, offset }], isCommittedOnly };
  const { partitions } = await link.ask(`read ${topic}-${partition}`, io, api, topic, request);
  const answer = partitions.find((each) => each.partition === partition);
  return {
    refusal: refusalOf(answer?.errorCode ?? 0, 'Fetch'),
    records: answer?.records ?? Buffer.alloc(0),
    aborted: answer?.aborted ?? [],
  };
}

type Batch = ReturnType<typeof readRecordsBatch>;

/**
 * @param records record batches; a truncated last batch is skipped
 * @param aborted aborted transactions from the answer with the records
 * @throws AppError answer-unreadable, broker-refused for a batch of another format
 */
export function* batchesIn(
  records: Buffer,
  where: string,
  aborted: readonly AbortedTransaction[] = [],
): Iterable<Batch & { isAborted: boolean }> {
  const isOfAborted = abortedAmong(aborted);
  for (const bytes of batchesOf(records)) {
    if (!isWhole(bytes)) return;
    checkFormat(bytes, where);
    yield { ...readBatch(bytes, where), isAborted: isOfAborted(bytes) };
  }
}

/** Returns the offset after the batch; compaction removes records, not offsets. */
export const nextAfter = ({ firstOffset, lastOffsetDelta }: Batch) => firstOffset + BigInt(lastOffsetDelta) + 1n;

/** Whether the batch contains transaction markers, which are not messages. */
export const isControl = ({ attributes }: Batch) => (attributes & controlBit) !== 0;

export function messageOf(
  { key, value, headers, timestampDelta, offsetDelta }: Batch['records'][number],
  batch: Batch,
  place: Pick<FoundMessage, 'topic' | 'partition'>,
): FoundMessage {
  const { attributes, firstOffset, firstTimestamp, maxTimestamp } = batch;
  const { producerId, producerEpoch, partitionLeaderEpoch } = batch;
  const isAppendTime = (attributes & appendTimeBit) !== 0;
  const timestamp = isAppendTime ? maxTimestamp : firstTimestamp + timestampDelta;
  // Brokers accept any timestamp unless message.timestamp.after.max.ms limits it (KIP-937): some are nanoseconds.
  const isDate = timestamp <= latestMs;
  return {
    ...place,
    offset: firstOffset + BigInt(offsetDelta),
    ...(timestamp >= 0n && isDate && { storedAtMs: Number(timestamp) }),
    ...(key !== null && { key }),
    ...(value !== null && { value }),
    properties: headers.map(([name, content]) => [name?.toString('utf8') ?? '', content ?? Buffer.alloc(0)] as const),
    facts: {
      'time is of': isAppendTime ? 'the broker (LogAppendTime)' : 'the sender (CreateTime)',
      ...(!isDate && { 'timestamp out of range': String(timestamp) }),
      'leader epoch': String(partitionLeaderEpoch),
      ...(producerId >= 0n && { 'producer id': `${producerId}, epoch ${producerEpoch}` }),
      ...((attributes & transactionalBit) !== 0 && { transaction: 'yes' }),
    },
  };
}

const readBatch = (bytes: Buffer, where: string): Batch =>
  orFault(
    () => readRecordsBatch(Reader.from(unpackedBatch(bytes))),
    'answer-unreadable',
    `cannot read a record batch of ${where}`,
  );
