// Measures the cost of the delivery check per message, without a broker.

import { createDeliveryCheck } from '../loadgen/delivery/delivery-check.ts';
import { createReceiveRecorder } from '../loadgen/delivery/receive-recorder.ts';
import { createSendRecorder } from '../loadgen/delivery/send-recorder.ts';
import { isIntact, readIntended, readMark, writeChecksum, writeHeader } from '../loadgen/delivery/payload-header.ts';
import type { JournalLine, ReceivedInterval, SentInterval } from '../core/documents/run-bundle.ts';
import { interleave, type Bench } from './bench.ts';

const valueBytes = 500;
const batchMessages = 100;
const batches = 2040;
const partitions = 12;
const slotCount = 64;
const mark = 7;
const rounds = 5;
/** Slots of one of two workers, as distributed in turn. */
const slots = Array.from({ length: slotCount / 2 }, (_, slot) => 2 * slot);
/** CPU per message of the RocketMQ producer at its goal of 70,000 msg/s of client CPU. */
const rocketmqNanoseconds = 14_286;

export const deliveryCheck = {
  name: 'delivery-check',
  summary: 'what the delivery check adds to each message, in the sender, in the receiver and in the journal',
  options: {},

  async run({ signal }) {
    const numbers = batchNumbers();
    const values = messages(numbers);
    const keyed = byPartition(numbers);
    const measure = (work: () => unknown) => () => {
      signal.throwIfAborted();
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return Promise.resolve(((user + system) * 1000) / (batches * batchMessages));
    };
    const figures = await interleave(
      {
        checksum: measure(() => checksums(values)),
        sender: measure(() => send(numbers)),
        senderKeyed: measure(() => send(keyed)),
        receiver: measure(() => receive(numbers, values)),
        receiverKeyed: measure(() => receive(keyed, values)),
        withoutLedger: measure(() => receiveWithout(values)),
        coordinator: measure(coordinating(send(numbers), receive(numbers, values))),
        coordinatorKeyed: measure(coordinating(send(keyed), receive(keyed, values))),
      },
      rounds,
    );
    const row = (metric: string, ours: number) => ({
      metric,
      unit: 'ns of CPU a message',
      ours: Math.round(ours),
      goal: 'none: a cost',
    });
    const journal = (metric: string, line: SentInterval | ReceivedInterval) => ({
      metric,
      unit: 'bytes a message',
      ours: Number((JSON.stringify(line).length / (batches * batchMessages)).toFixed(3)),
      goal: 'at most 3',
      met: JSON.stringify(line).length <= 3 * batches * batchMessages,
    });
    const share = (figures.checksum + figures.senderKeyed) / rocketmqNanoseconds;
    return [
      row(`checksum of ${valueBytes} B`, figures.checksum),
      row(`sender's book, batches of ${batchMessages}`, figures.sender),
      row("sender's book, each message in a partition of its key", figures.senderKeyed),
      row('receiver with its book and checksum, batches', figures.receiver),
      row('receiver with its book and checksum, keys', figures.receiverKeyed),
      row('receiver without the delivery check', figures.withoutLedger),
      row('coordinator, batches', figures.coordinator),
      row('coordinator, keys', figures.coordinatorKeyed),
      journal('journal of the sender, batches', send(numbers)),
      journal('journal of the sender, keys', send(keyed)),
      journal('journal of a receiver, keys', receive(keyed, values)),
      {
        metric: 'sender with keys, of what a message costs at 70,000 msg/s of CPU',
        unit: 'ratio',
        ours: Number(share.toFixed(4)),
        goal: 'at most 0.05',
        met: share <= 0.05,
      },
    ];
  },
} satisfies Bench;

/** Returns batches of one worker's messages. */
function batchNumbers(): number[][] {
  return Array.from({ length: batches }, (_, batch) =>
    Array.from({ length: batchMessages }, (_, i) => 2 * (batch * batchMessages + i)),
  );
}

/** Groups the messages of every twelve batches by a randomly drawn partition. */
function byPartition(numbers: readonly number[][]): number[][] {
  return numbers.flatMap((_, batch) => {
    if (batch % partitions !== 0) return [];
    const groups = Array.from({ length: partitions }, (): number[] => []);
    for (const number of numbers.slice(batch, batch + partitions).flat()) {
      groups[(Math.imul(number, 0x9e3779b1) >>> 8) % partitions]?.push(number);
    }
    return groups;
  });
}

/** Returns all messages by half their number, as received from a broker. */
function messages(numbers: readonly number[][]): Buffer[] {
  const stride = valueBytes / 4;
  return numbers.flatMap((batch) => {
    const words = new Uint32Array(batchMessages * stride);
    return batch.map((number, i) => {
      const value = Buffer.from(words.buffer, i * valueBytes, valueBytes);
      value.fill(number % 251);
      writeHeader(words, i * stride, mark, number, 1e15);
      writeChecksum(words, i * stride, value);
      return value;
    });
  });
}

function checksums(values: readonly Buffer[]): void {
  for (const value of values) if (!isIntact(value)) throw new Error('a message is not as it was made');
}

function send(batchesOf: readonly number[][]): SentInterval {
  const book = createSendRecorder({ attempt: 1, slotCount, slots });
  for (const [batch, numbers] of batchesOf.entries()) {
    book.sent(batch % partitions, numbers);
    book.settle(numbers, 'acknowledged', 0, numbers.length);
  }
  return book.take() as SentInterval;
}

function receive(batchesOf: readonly number[][], values: readonly Buffer[]): ReceivedInterval {
  const book = createReceiveRecorder({ marks: [{ attempt: 1, mark }], slotCount, senders: [slots] });
  const offsets = new Float64Array(partitions);
  for (const [batch, numbers] of batchesOf.entries()) {
    const place = batch % partitions;
    let offset = offsets[place] ?? 0;
    for (const number of numbers) book.receive(values[number / 2] as Buffer, place, offset++, 1e15);
    offsets[place] = offset;
  }
  return book.take() as ReceivedInterval;
}

function receiveWithout(values: readonly Buffer[]): void {
  let due = 0;
  for (const value of values) if (readMark(value) === mark) due += readIntended(value);
  if (due === 0) throw new Error('no message of the run');
}

function coordinating(sent: SentInterval, received: ReceivedInterval): () => void {
  const none = { elapsedSeconds: 1, intervalSeconds: 1, worker: 'w', bytes: 0, eventLoopUtilisation: 0, cpuSeconds: 0 };
  const produced: JournalLine = {
    kind: 'produced',
    ...none,
    intended: 0,
    sent: 0,
    acknowledged: 0,
    failed: 0,
    requests: 0,
    latency: '',
    sendDelay: '',
    eventLoopDelayMaxSeconds: 0,
    ledger: sent,
  };
  const consumed: JournalLine = {
    kind: 'consumed',
    ...none,
    group: 'g',
    messages: 0,
    endToEnd: '',
    negativeSamples: 0,
    ledger: received,
  };
  return () => {
    const ledger = createDeliveryCheck({ topics: ['t'], groups: ['g'] });
    ledger.add(produced);
    ledger.add(consumed);
  };
}
