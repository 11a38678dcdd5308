// Fetches the message at an offset from the partition leader, without a fetch session.

import { Reader, readRecordsBatch } from '@platformatic/kafka';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { FoundMessage, MessageAnswer, MessageQuestion } from '../../lookup.ts';
import { refusalOf } from '../needed-permission.ts';
import { fetchRecords } from '../platformatic/fetch.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

type AtOffset = Extract<MessageQuestion, { kind: 'offset' }>;

/** Neither keeps a fetch session nor asks for one (KIP-227). */
const noSession = { sessionId: 0, epoch: -1 };
const controlBit = 0b10_0000;
const transactionalBit = 0b1_0000;
const appendTimeBit = 0b1000;
/** baseOffset int64, then batchLength int32: of what follows it. */
const beforeLength = 12;

/** @param link to the leader */
export async function findAtOffset(link: Link, question: AtOffset, io: Io): Promise<MessageAnswer> {
  const { topic, partition, offset } = question;
  const api = newestSpoken(link, 'Fetch', [[12, fetchRecords]]);
  const { partitions } = await link.ask(`read ${topic}-${partition}`, io, api, topic, {
    ...noSession,
    positions: [{ partition, offset }],
  });
  const answer = partitions.find((each) => each.partition === partition);
  const refusal = refusalOf(answer?.errorCode ?? 0, 'Fetch');
  if (refusal === 'OFFSET_OUT_OF_RANGE') {
    return {
      kind: 'not-there',
      reason: `${topic}-${partition} does not hold offset ${offset}: it expired, or is not yet written`,
    };
  }
  if (refusal !== undefined) {
    throw new AppError('broker-refused', `cannot read ${topic}-${partition} on ${link.address}: ${refusal}`);
  }
  return recordAt(answer?.records ?? Buffer.alloc(0), question);
}

/** @param records whole batches from the one that may hold the offset on */
export function recordAt(records: Buffer, { topic, partition, offset }: Omit<AtOffset, 'kind'>): MessageAnswer {
  const where = `${topic}-${partition}`;
  for (let at = 0; at + beforeLength <= records.length;) {
    const end = at + beforeLength + records.readInt32BE(at + 8);
    if (end > records.length || end <= at + beforeLength) break;
    const batch = readBatch(records.subarray(at, end), where);
    const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    at = end;
    if (next <= offset) continue;
    if ((batch.attributes & controlBit) !== 0) {
      return { kind: 'not-there', reason: `offset ${offset} of ${where} is a marker of a transaction, and no message` };
    }
    const record = batch.records.find((each) => batch.firstOffset + BigInt(each.offsetDelta) === offset);
    if (record === undefined) {
      return {
        kind: 'not-there',
        reason: `offset ${offset} of ${where} is not there any more: the topic is compacted`,
      };
    }
    return { kind: 'found', messages: [foundOf(record, batch, { topic, partition, offset })] };
  }
  return { kind: 'not-there', reason: `nothing is stored at offset ${offset} of ${where}` };
}

type Batch = ReturnType<typeof readRecordsBatch>;

function readBatch(bytes: Buffer, where: string): Batch {
  try {
    return readRecordsBatch(Reader.from(bytes));
  } catch (cause) {
    throw new AppError('answer-unreadable', `cannot read a record batch of ${where}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function foundOf(
  { key, value, headers, timestampDelta }: Batch['records'][number],
  { attributes, firstTimestamp, maxTimestamp, producerId, producerEpoch, partitionLeaderEpoch }: Batch,
  place: Pick<FoundMessage, 'topic' | 'partition' | 'offset'>,
): FoundMessage {
  const isAppendTime = (attributes & appendTimeBit) !== 0;
  const timestamp = isAppendTime ? maxTimestamp : firstTimestamp + timestampDelta;
  return {
    ...place,
    ...(timestamp >= 0n && { storedAtMs: Number(timestamp) }),
    ...(key !== null && { key }),
    ...(value !== null && { value }),
    properties: headers.map(([name, content]) => [name?.toString('utf8') ?? '', content ?? Buffer.alloc(0)] as const),
    facts: {
      'time is of': isAppendTime ? 'the broker (LogAppendTime)' : 'the sender (CreateTime)',
      'leader epoch': String(partitionLeaderEpoch),
      ...(producerId >= 0n && { 'producer id': `${producerId}, epoch ${producerEpoch}` }),
      ...((attributes & transactionalBit) !== 0 && { transaction: 'yes' }),
    },
  };
}
