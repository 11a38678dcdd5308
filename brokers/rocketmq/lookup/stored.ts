// Reads stored messages of a queue from its broker, from a time, an offset or the end backwards.

import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import { mostStoredBytes, type FoundMessage, type StoredMessages, type StoredQuestion } from '../../lookup.ts';
import { encodeSearchOffset, encodeGetMaxOffset, encodeGetMinOffset } from '../protocol/offset-requests.ts';
import { readStoredMessages } from '../protocol/message.ts';
import { encodeReadQueue } from '../protocol/message-requests.ts';
import { foundOf, mostOfPull, type QueueBroker } from './messages.ts';

/** @param brokers those that serve queues first. @throws AppError not-found, broker-refused, broker-unreachable */
export async function readStored(
  brokers: readonly QueueBroker[],
  question: StoredQuestion,
  io: Io,
): Promise<StoredMessages> {
  const { topic, partition: queueId, brokerName, from, most } = question;
  const broker = brokers.find((each) => each.brokerName === brokerName);
  if (broker === undefined) {
    const names = [...new Set(brokers.map((each) => each.brokerName))].join(', ');
    throw new AppError('not-found', `no broker is named ${brokerName ?? '(none)'}; the cluster has: ${names}`);
  }
  const { link } = broker;
  const queue = { topic, queueId };
  const start = await link.ask(encodeGetMinOffset(queue), { ...io, within: seconds(3) });
  const end = await link.ask(encodeGetMaxOffset(queue), io);
  const within = (offset: bigint) => (offset < start ? start : offset > end ? end : offset);

  async function firstOffset(): Promise<bigint> {
    if (from.kind === 'offset') return within(from.offset);
    if (from.kind === 'newest') return within(end - BigInt(most));
    const found = await link.ask(encodeSearchOffset({ ...queue, atMs: from.atMs }), io);
    return within(found ?? end);
  }

  const messages: FoundMessage[] = [];
  let next = await firstOffset();
  let bytes = 0;
  while (next < end && messages.length < most && bytes < mostStoredBytes) {
    const maxMessages = Math.min(mostOfPull, most - messages.length);
    const pulled = await link.ask(encodeReadQueue({ ...queue, offset: next, maxMessages }), io);
    const before = next;
    next = pulled.next > next ? pulled.next : next;
    if (pulled.kind === 'found') {
      for (const each of readStoredMessages(pulled.messages)) {
        // 4.x finds the message nearest to a time, which may be older.
        if (from.kind === 'time' && each.storedAtMs < from.atMs) continue;
        const message = foundOf(each, broker.brokerName);
        messages.push(message);
        bytes += message.value?.length ?? 0;
      }
    }
    // All messages before the end may have expired since it was read.
    if (next === before) break;
  }
  return { messages, start, next, end };
}
