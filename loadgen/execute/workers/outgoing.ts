// Groups due messages into batches: without keys, partitions in turn; with keys, one batch per partition.

import type { OutgoingBatch } from '../../../brokers/driver.ts';
import type { ByKind } from '../../../core/broker-kind/registry.ts';
import { makeValues } from '../../plan/messages/make-values.ts';
import { createMessages } from '../../plan/messages/message-source.ts';
import { payloadHeaderWords, writeChecksum, writeHeader } from '../../delivery/payload-header.ts';
import type { SendingOptions } from '../../plan/workload.ts';
import type { ProducerAssignment } from './thread-messages.ts';
import { partitionOfKey } from '../../../brokers/kafka/partition-of-key.ts';
import type { BrokerKind } from '../../../core/cluster.ts';

type OutgoingOptions = Pick<
  ProducerAssignment,
  'broker' | 'worker' | 'topics' | 'partitions' | 'messages' | 'mark' | 'slotCount' | 'sending'
>;

/** Due messages in order. */
interface DueMessages {
  numbers: number[];
  /** Seconds of the run. */
  intended: number[];
}

interface KeyedMessages extends DueMessages {
  /** Key of each message; absent if no message has a key. */
  keys?: (Buffer | undefined)[];
}

export interface Outgoing extends DueMessages {
  place: PartitionPlace;
  batch: OutgoingBatch;
}

/**
 * Maximum overhead of a message in a batch beside value, key and tag: record varints for Kafka; item header and
 * property names for RocketMQ.
 */
const besideBytes: ByKind<number> = { kafka: 16, rocketmq: 80 };

/** @param openIn partitions of a topic that accept messages, undefined for all; same array until they change */
export function createOutgoingMaker(
  options: OutgoingOptions,
  epochMicroseconds: number,
  openIn: (topic: string) => readonly number[] | undefined = () => undefined,
) {
  const { broker, worker, topics, partitions, mark, slotCount } = options;
  const { ledger, tag, delay } = options.sending;
  const messages = createMessages(options.messages);
  const partitionOf = partitioners[broker];
  const { keys: own, mix } = options.messages;
  const keySpecs = [own, ...(mix?.topics.map(({ keys }) => keys) ?? [])];
  const keyBytes = Math.max(...keySpecs.map((keys) => (keys.kind === 'none' ? 0 : keys.bytes)));
  const beside = besideBytes[broker] + keyBytes + (tag?.length ?? 0);
  const all = Array.from({ length: partitions }, (_, partition) => partition);
  let open: readonly (readonly number[])[] = [];
  let places = placesOf([], []);
  let turn = worker;

  function seeOpen(): void {
    const now = topics.map((topic) => openIn(topic) ?? all);
    if (now.every((one, index) => one === open[index])) return;
    open = now;
    places = placesOf(topics, open);
  }

  function makeOne({ topic, topicIndex, partition }: PartitionPlace, due: KeyedMessages, at: number): Outgoing {
    const { numbers, intended, keys } = due;
    const values = makeValues(
      messages,
      numbers.length,
      payloadHeaderWords,
      (i) => numbers[i] ?? 0,
      (value, i, words, offset) => {
        const dueAt = epochMicroseconds + Math.round((intended[i] ?? 0) * 1e6);
        writeHeader(words, offset, mark, numbers[i] ?? 0, dueAt);
        if (ledger) writeChecksum(words, offset, value);
      },
    );
    const batch: OutgoingBatch = {
      topic,
      partition,
      values,
      ...(keys && { keys }),
      ...(tag !== undefined && { tag }),
      ...(delay !== undefined && { delay: delayOf(delay, at) }),
    };
    return { place: { topic, topicIndex, partition }, numbers, intended, batch };
  }

  /**
   * Groups messages by partition. A key always goes to the same partition number in every topic, until partitions are
   * added. Topics are used in turn; if each message has its own topic, those without keys go together to the next
   * partition.
   */
  function byPlace({ numbers, intended }: DueMessages): Map<PartitionPlace, Required<KeyedMessages>> {
    const { rows } = places;
    const { keyOf, topicOf } = messages;
    const groups = new Map<PartitionPlace, Required<KeyedMessages>>();
    for (const [i, n] of numbers.entries()) {
      const key = keyOf(n);
      const keyless = topicOf === undefined ? n : turn;
      const row = rows[key === undefined ? keyless % rows.length : partitionOf(key, rows.length)];
      const topic = topicOf === undefined ? (n + Math.floor(n / slotCount)) % topics.length : topicOf(n);
      const place = row?.[topic] as PartitionPlace;
      const group = groups.get(place) ?? { numbers: [], intended: [], keys: [] };
      groups.set(place, group);
      group.numbers.push(n);
      group.intended.push(intended[i] ?? 0);
      group.keys.push(key);
    }
    turn += 1;
    return groups;
  }

  return {
    /** Maximum bytes of a message in a batch before compression. */
    sizeOf: (n: number): number => messages.sizeOf(n) + beside,
    make(due: DueMessages, at: number): Outgoing[] {
      seeOpen();
      if (messages.topicOf !== undefined || messages.hasKeys) {
        return [...byPlace(due)].map(([place, { keys, ...group }]) =>
          makeOne(place, messages.hasKeys ? { ...group, keys } : group, at),
        );
      }
      // One partition per request, then the next one, like Kafka's own producer without keys (KIP-480).
      const place = places.all[turn % places.all.length] as PartitionPlace;
      turn += 1;
      return [makeOne(place, due, at)];
    },
  };
}

const delayOf = (delay: NonNullable<SendingOptions['delay']>, sentAtEpochMicroseconds: number) =>
  'level' in delay ? delay : { untilMilliseconds: Math.round(sentAtEpochMicroseconds / 1000 + delay.after * 1000) };

/** @returns a partition from 0 to `partitions` − 1 */
type Partitioner = (key: Buffer, partitions: number) => number;

/** Assigns messages to partitions: by key as the broker's own clients do, otherwise in turn. */
export const partitioners: Readonly<Record<BrokerKind, Partitioner>> = {
  kafka: partitionOfKey,
  // SelectMessageQueueByHash of org.apache.rocketmq.client: the absolute value of String.hashCode.
  rocketmq: (key, partitions) => Math.abs(javaHash(key)) % partitions,
};

/**
 * Computes java.lang.String.hashCode of ASCII text.
 * @returns a signed int32; −2³¹ becomes 0, as the Java client does for its absolute value
 */
function javaHash(text: Buffer): number {
  let hash = 0;
  for (const byte of text) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash === -(2 ** 31) ? 0 : hash;
}

/** One partition of one topic. */
interface PartitionPlace {
  topic: string;
  topicIndex: number;
  partition: number;
}

/** @param open partitions of each topic that accept messages */
export function placesOf(topics: readonly string[], open: readonly (readonly number[])[]) {
  const rows = Array.from({ length: Math.max(0, ...open.map(({ length }) => length)) }, (_, row) =>
    topics.flatMap((topic, topicIndex) => {
      const partition = open[topicIndex]?.[row];
      return partition === undefined ? [] : { topic, topicIndex, partition };
    }),
  );
  return {
    /** Alternates topics: two consecutive batches go to two topics. */
    all: rows.flat(),
    /** Each row holds one partition of every topic; a key always selects the same row. */
    rows: rows.filter(({ length }) => length === topics.length),
  };
}
