// Reads stored messages of a partition from its leader, from a time, an offset or the end backwards.

import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { mostStoredBytes, type FoundMessage, type StoredMessages, type StoredQuestion } from '../../lookup.ts';
import { readOffsetsAt } from '../changes/offsets-at.ts';
import { readOffsets } from '../reading/offsets.ts';
import type { Link } from '../wire/links.ts';
import { batchesIn, isControl, messageOf, nextAfter, fetchBatches } from './stored-batches.ts';

/** @param link link to the leader. @throws AppError broker-refused, broker-unreachable, answer-unreadable */
export async function readStored(link: Link, question: StoredQuestion, io: Io): Promise<StoredMessages> {
  const { topic, partition, from, most } = question;
  const { start, end, isHeldBack } = await readRange(link, question, io);
  const within = (offset: bigint) => (offset < start ? start : offset > end ? end : offset);

  async function firstOffset(): Promise<bigint> {
    if (from.kind === 'offset') return within(from.offset);
    if (from.kind === 'newest') return within(end - BigInt(most));
    const [found] = await readOffsetsAt(link, [{ topic, partition }], from.atMs, io);
    if (found !== undefined) return within(found.offset ?? end);
    throw new AppError(
      'broker-refused',
      `cannot search ${topic}-${partition} by time on ${link.address}: the broker refused, since its leader changed or its message format has no times`,
    );
  }

  const messages: FoundMessage[] = [];
  let next = await firstOffset();
  let bytes = 0;
  while (next < end && messages.length < most && bytes < mostStoredBytes) {
    const { refusal, records, aborted } = await fetchBatches(link, { ...question, offset: next }, io);
    if (refusal !== undefined) {
      throw new AppError('broker-refused', `cannot read ${topic}-${partition} on ${link.address}: ${refusal}`);
    }
    const before = next;
    for (const batch of batchesIn(records, `${topic}-${partition}`, aborted)) {
      const begun = next;
      next = nextAfter(batch) > next ? nextAfter(batch) : next;
      if (isControl(batch) || batch.isAborted) continue;
      for (const record of batch.records) {
        const message = messageOf(record, batch, { topic, partition });
        if (message.offset < begun) continue;
        if (messages.length === most) return { messages, start, next: message.offset, end, isHeldBack };
        messages.push(message);
        bytes += message.value?.length ?? 0;
      }
    }
    // A leader with an empty answer before the end has just lost the partition, or its tail.
    if (next === before) break;
  }
  return { messages, start, next, end, isHeldBack };
}

async function readRange(
  link: Link,
  { topic, partition, isCommittedOnly = false }: StoredQuestion,
  io: Io,
): Promise<{ start: bigint; end: bigint; isHeldBack: boolean }> {
  const led = [{ name: topic, partitions: [partition] }];
  const { value, refusals } = await readOffsets(link, led, isCommittedOnly, io);
  const [known] = value.offsets;
  const end = isCommittedOnly ? known?.lastStable : known?.end;
  if (end === undefined) {
    throw new AppError(
      'broker-refused',
      `cannot read the offsets of ${topic}-${partition} on ${link.address}: ${refusals[0] ?? 'its leader has changed'}`,
    );
  }
  return { start: known?.start ?? 0n, end, isHeldBack: (known?.end ?? end) > end };
}
