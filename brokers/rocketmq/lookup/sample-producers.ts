// Attributes messages stored in the last seconds to producers, by the address that each message was sent from.

import { faultOf } from '../../../core/errors.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import {
  emptyTally,
  measuredOf,
  sampledSeconds,
  withinSample,
  type ProducerSample,
  type ProducerTally,
} from '../../client-use.ts';
import type { Io } from '../../driver.ts';
import type { Producer } from '../../lookup.ts';
import type { PartitionPlace } from '../../../core/cluster.ts';
import { encodeSearchOffset, encodeGetMaxOffset } from '../protocol/offset-requests.ts';
import { pipelined } from '../../pipelined.ts';
import { readStoredMessages, unpackBody, type StoredMessage } from '../protocol/message.ts';
import { encodeReadQueue } from '../protocol/message-requests.ts';
import { mostOfPull, type QueueBroker } from './messages.ts';

const queuesAtOnce = 8;

/** Tallies by topic and address. */
type Tallies = Map<string, { topic: string; address: string; tally: ProducerTally }>;

interface Sources {
  /** All brokers, those that serve queues first. */
  brokers: readonly QueueBroker[];
  partitions(topic: string): Promise<readonly PartitionPlace[]>;
  producers: readonly Producer[];
  nowMs: number;
}

export async function sampleProducers(wanted: readonly string[], sources: Sources, io: Io): Promise<ProducerSample> {
  const notices: string[] = [];
  const noted = async <Value>(work: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await work();
    } catch (cause) {
      notices.push(faultOf(cause, io).message);
      return undefined;
    }
  };
  const queues = await pipelined(
    wanted,
    queuesAtOnce,
    async (topic) => (await noted(() => sources.partitions(topic))) ?? [],
  );
  const tallies: Tallies = new Map();
  const read = new Set<string>();
  await pipelined(withinSample(queues), queuesAtOnce, async (queue) => {
    const broker = sources.brokers.find(({ brokerName }) => brokerName === queue.brokerName);
    const found = broker && (await noted(() => sampleQueue(broker, queue, sources.nowMs, io)));
    if (found === undefined || found.messages.length === 0) return;
    read.add(queue.topic);
    for (const message of found.messages) addMessage(tallies, queue.topic, message, found.rate / found.messages.length);
  });
  const producers = Array.from(tallies.values(), ({ topic, address, tally }) => ({
    topic,
    address,
    ...namesOf(address, sources.producers),
    ...measuredOf(tally),
  }));
  return { producers, topics: [...read], notices };
}

async function sampleQueue(
  { link }: QueueBroker,
  { topic, partition: queueId }: PartitionPlace,
  nowMs: number,
  io: Io,
): Promise<{ messages: StoredMessage[]; rate: number }> {
  const atMs = nowMs - sampledSeconds * 1000;
  const end = await link.ask(encodeGetMaxOffset({ topic, queueId }), io);
  if (end === 0n) return { messages: [], rate: 0 };
  const begin = (await link.ask(encodeSearchOffset({ topic, queueId, atMs }), io)) ?? end;
  if (begin >= end) return { messages: [], rate: 0 };
  const newest = end - BigInt(mostOfPull);
  const offset = begin > newest ? begin : newest;
  const pulled = await link.ask(encodeReadQueue({ topic, queueId, offset, maxMessages: mostOfPull }), io);
  // 4.x finds the message nearest to a time, which may be older.
  const messages =
    pulled.kind === 'found' ? [...readStoredMessages(pulled.messages)].filter((each) => each.storedAtMs >= atMs) : [];
  return { messages, rate: Number(end - begin) / sampledSeconds };
}

/** @param perSecond messages per second for each message of the sample */
function addMessage(tallies: Tallies, topic: string, message: StoredMessage, perSecond: number): void {
  const key = `${topic}\0${message.bornHost}`;
  const { tally } = getOrMake(tallies, key, () => ({ topic, address: message.bornHost, tally: emptyTally() }));
  tally.messages += 1;
  tally.bytes += message.storedBytes;
  tally.messagesPerSecond += perSecond;
  tally.bytesPerSecond += message.storedBytes * perSecond;
  const body = unpackBody(message);
  if (body.bytes === message.body || body.kind === 'packed') return;
  tally.plainBytes += body.bytes.length;
  tally.packedBytes += message.body.length;
}

/** Group that each client registers for messages that its consumers send back (MixAll.CLIENT_INNER_PRODUCER_GROUP). */
const innerProducers = 'CLIENT_INNER_PRODUCER';

/** Finds client and groups of an address: a client has one connection to each broker, which all its groups share. */
function namesOf(address: string, producers: readonly Producer[]): { clientId?: string; groups?: string[] } {
  const own = producers.filter((each) => each.address === address);
  const [first] = own;
  if (first === undefined) return {};
  const groups = new Set(own.map(({ group }) => group).filter((group) => group !== innerProducers));
  return { clientId: first.clientId, ...(groups.size > 0 && { groups: [...groups].sort() }) };
}
