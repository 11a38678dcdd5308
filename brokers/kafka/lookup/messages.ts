// Fetches the message at an offset from the partition leader, without a fetch session.

import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { notThere, type MessageAnswer, type MessageQuestion } from '../../lookup.ts';
import type { AbortedTransaction } from '../platformatic/record-batch.ts';
import type { Link } from '../wire/links.ts';
import { batchesIn, fetchBatches, isControl, messageOf, nextAfter } from './stored-batches.ts';

type AtOffset = Extract<MessageQuestion, { kind: 'offset' }>;

/** @param link link to the leader */
export async function findAtOffset(link: Link, question: AtOffset, io: Io): Promise<MessageAnswer> {
  const { topic, partition, offset } = question;
  const { refusal, records, aborted } = await fetchBatches(link, question, io);
  if (refusal === 'OFFSET_OUT_OF_RANGE') {
    return notThere(`${topic}-${partition} has no offset ${offset}: expired, or not yet written`);
  }
  if (refusal !== undefined) {
    throw new AppError('broker-refused', `cannot read ${topic}-${partition} on ${link.address}: ${refusal}`);
  }
  return recordAt(records, question, aborted);
}

/**
 * @param records whole batches, starting with the one that may contain the offset
 * @param aborted aborted transactions from the answer with the records
 */
export function recordAt(
  records: Buffer,
  { topic, partition, offset, isCommittedOnly = false }: Omit<AtOffset, 'kind'>,
  aborted: readonly AbortedTransaction[] = [],
): MessageAnswer {
  const where = `${topic}-${partition}`;
  for (const batch of batchesIn(records, where, aborted)) {
    if (nextAfter(batch) <= offset) continue;
    if (isControl(batch)) {
      return notThere(`offset ${offset} of ${where} is a transaction marker, not a message`);
    }
    if (batch.isAborted) return notThere(`offset ${offset} of ${where} belongs to an aborted transaction`);
    const record = batch.records.find((each) => batch.firstOffset + BigInt(each.offsetDelta) === offset);
    if (record === undefined) {
      return notThere(`offset ${offset} of ${where} no longer exists: the topic is compacted`);
    }
    return { kind: 'found', messages: [messageOf(record, batch, { topic, partition })] };
  }
  const open = isCommittedOnly ? ': its transaction, or one before it, may be open' : '';
  return notThere(`no message at offset ${offset} of ${where}${open}`);
}
