// Converts the delivery records of a small run to journal lines.

import type { JournalLine, ReceivedInterval, SentInterval } from '../../core/documents/run-bundle.ts';
import { createReceiveRecorder, type ReceiveRecorder } from '../../loadgen/delivery/receive-recorder.ts';
import { createSendRecorder, type SendRecorder } from '../../loadgen/delivery/send-recorder.ts';

import { createMark } from '../../loadgen/delivery/payload-header.ts';
import type { Delivery, World, WorldRecord } from '../truth/delivery-world.ts';
import { createPayloads } from './payloads.ts';

const interval = { elapsedSeconds: 1, intervalSeconds: 1, worker: 'w', cpuSeconds: 0, eventLoopUtilisation: 0 };

const noneSent = {
  intended: 0,
  sent: 0,
  acknowledged: 0,
  failed: 0,
  requests: 0,
  bytes: 0,
  latency: '',
  sendDelay: '',
  eventLoopDelayMaxSeconds: 0,
};
const noneReceived = { messages: 0, bytes: 0, negativeSamples: 0, endToEnd: '' };

export const producedLine = (ledger: SentInterval): JournalLine => ({
  kind: 'produced',
  ...interval,
  ...noneSent,
  ledger,
});

export const consumedLine = (group: string, ledger: ReceivedInterval): JournalLine => ({
  kind: 'consumed',
  ...interval,
  group,
  ...noneReceived,
  ledger,
});

export const markOf = (attempt: number) => createMark('run', attempt);

/** Returns the bytes of a simulated record in its log. */
export function valueOf({ kind, number }: WorldRecord, mark = markOf(1), intendedMicroseconds = 1e15): Buffer {
  const options = { mark: kind === 'foreign' ? mark + 1 : mark, seed: 1, messageBytes: 40 };
  const [value] = createPayloads(options, 1, () => ({ number, intendedMicroseconds }));
  if (value === undefined) throw new Error('no value');
  if (kind === 'corrupted') value[30] = (value[30] ?? 0) ^ 1;
  return value;
}

/** @param isReported for each batch: whether its producer reports between request and response */
export function journalOfProducers(
  { batches }: World,
  books: readonly SendRecorder[],
  isReported: () => boolean,
): JournalLine[] {
  const lines: JournalLine[] = [];
  const report = (book: SendRecorder) => {
    const ledger = book.take();
    if (ledger !== undefined) lines.push(producedLine(ledger));
  };
  for (const { worker, place, numbers, fate } of batches) {
    const book = books[worker] as SendRecorder;
    book.sent(place, numbers);
    if (isReported()) report(book);
    const middle = Math.floor(numbers.length / 2);
    book.settle(numbers, fate, 0, middle);
    book.settle(numbers, fate, middle, numbers.length);
  }
  for (const book of books) report(book);
  return lines;
}

/** @param isReported for each delivery: whether the member reports after it */
export function journalOfMember(
  group: string,
  { logs }: World,
  deliveries: readonly Delivery[],
  book: ReceiveRecorder,
  isReported: () => boolean,
): JournalLine[] {
  const lines: JournalLine[] = [];
  const report = () => {
    const ledger = book.take();
    if (ledger !== undefined) lines.push(consumedLine(group, ledger));
  };
  for (const { place, offset } of deliveries) {
    book.receive(valueOf(logs.get(place)?.[offset] as WorldRecord), place, offset, 1e15);
    if (isReported()) report();
  }
  report();
  return lines;
}

export const senderBooks = (slots: readonly (readonly number[])[], slotCount: number, attempt = 1): SendRecorder[] =>
  slots.map((own) => createSendRecorder({ attempt, slotCount, slots: own }));

export const receiverBook = (senders: readonly (readonly number[])[], slotCount: number): ReceiveRecorder =>
  createReceiveRecorder({ marks: [{ attempt: 1, mark: markOf(1) }], slotCount, senders });

export async function* linesOf(lines: readonly JournalLine[]): AsyncIterable<{ line: JournalLine }> {
  for (const line of lines) yield { line };
}
