// Finds messages by queue and offset, by message id, or by key.

import { AppError, faultOf } from '../../../core/errors.ts';
import { latestMs } from '../../../core/local-moment.ts';
import { joinAddress, splitAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import { notThere, type FoundMessage, type MessageAnswer, type MessageQuestion } from '../../lookup.ts';
import { type BrokerLink, unlessRefused } from '../inspect/broker-link.ts';
import { decodeOffsetMessageId, encodeOffsetMessageId } from '../protocol/message-id.ts';
import { decodeProperties, propertyNames } from '../protocol/message-properties.ts';
import { readStoredMessages, unpackBody, type StoredMessage } from '../protocol/message.ts';
import { encodeReadQueue, encodeQueryMessage, encodeViewMessageById } from '../protocol/message-requests.ts';

export interface QueueBroker {
  brokerName: string;
  address: string;
  link: BrokerLink;
}

/** Default limit of messages that brokers return for a pull (maxTransferCountOnMessageInMemory). */
export const mostOfPull = 32;

/** @param brokers all brokers, those that serve queues first; others may have stored the message of an id */
export async function findMessages(
  brokers: readonly QueueBroker[],
  question: MessageQuestion,
  io: Io,
): Promise<MessageAnswer> {
  if (question.kind === 'offset') return atOffset(brokers, question, io);
  if (question.kind === 'key') return byKey(brokers, { ...question, isUnique: false }, io);
  const { id, topic } = question;
  // A unique key can look like an offset id, so with a topic it is looked up as a key first.
  const found = topic === undefined ? undefined : await byKey(brokers, { key: id, topic, most: 8, isUnique: true }, io);
  if (found?.kind === 'found') return found;
  return atPlace(brokers, question, io);
}

async function atOffset(
  brokers: readonly QueueBroker[],
  { topic, partition, brokerName, offset }: Extract<MessageQuestion, { kind: 'offset' }>,
  io: Io,
): Promise<MessageAnswer> {
  const broker = brokers.find((each) => each.brokerName === brokerName);
  if (broker === undefined) {
    const names = brokers.map((each) => each.brokerName).join(', ');
    const reason =
      brokerName === undefined
        ? `queue ids start at 0 on each broker: name the broker too, such as broker-a:${partition}`
        : `no broker is named ${brokerName}`;
    return notThere(`${reason}; there are: ${names}`);
  }
  const pulled = await broker.link.ask(encodeReadQueue({ topic, queueId: partition, offset, maxMessages: 1 }), io);
  const [message] = pulled.kind === 'found' ? [...readStoredMessages(pulled.messages)] : [];
  if (message?.queueOffset === offset) return { kind: 'found', messages: [foundOf(message, broker.brokerName)] };
  const reason = `queue ${partition} of ${topic} at ${broker.brokerName} has no message at offset ${offset}`;
  return notThere(pulled.kind === 'moved' ? `${reason}; nearest existing offset: ${pulled.next}` : reason);
}

interface ByKey {
  topic: string;
  key: string;
  most: number;
  isUnique: boolean;
}

async function byKey(
  brokers: readonly QueueBroker[],
  { topic, key, most, isUnique }: ByKey,
  io: Io,
): Promise<MessageAnswer> {
  const messages: FoundMessage[] = [];
  let unanswered: AppError | undefined;
  for (const { brokerName, link } of servingOf(brokers)) {
    const request = encodeQueryMessage({ topic, key, isUnique, mostMessages: most });
    const answers = await link.ask(request, io).catch((cause: unknown) => {
      const fault = faultOf(cause, io);
      if (fault.code !== 'broker-unreachable') throw fault;
      unanswered ??= fault;
      return [];
    });
    messages.push(
      ...answers.filter((message) => hasKey(message, key, isUnique)).map((message) => foundOf(message, brokerName)),
    );
  }
  if (messages.length === 0) {
    // A broker that did not answer may have the message.
    if (unanswered !== undefined) throw unanswered;
    return notThere(`no broker has a message of ${topic} with the key ${key}`);
  }
  messages.sort((one, other) => (other.storedAtMs ?? 0) - (one.storedAtMs ?? 0));
  return { kind: 'found', messages: messages.slice(0, most) };
}

/** Keeps the first broker of each name, because its slaves have the same messages. */
const servingOf = (brokers: readonly QueueBroker[]) =>
  brokers.filter((each) => each === brokers.find(({ brokerName }) => brokerName === each.brokerName));

/** The index finds by hash, so keys are compared. An id is never compared with business keys, which may be masked. */
function hasKey({ properties }: StoredMessage, key: string, isUnique: boolean): boolean {
  const known = decodeProperties(properties);
  if (known.get(propertyNames.uniqueKey) === key) return true;
  return !isUnique && (known.get(propertyNames.keys)?.split(' ').includes(key) ?? false);
}

async function atPlace(
  brokers: readonly QueueBroker[],
  { id, topic }: Extract<MessageQuestion, { kind: 'id' }>,
  io: Io,
): Promise<MessageAnswer> {
  const place = decodeOffsetMessageId(id);
  if (place === undefined) {
    if (topic !== undefined) return notThere(`no broker has a message of ${topic} with the key ${id}`);
    throw new AppError('usage', `${id} is not an offset message id, which contains an address and an offset`, {
      hint: 'a unique key is looked up in its topic: add --topic',
    });
  }
  const address = joinAddress(place.host, place.port);
  // A unique key that is parsed as an id gives a random address, so only brokers of the cluster are used.
  const named = brokers.find((each) => each.address === address);
  // A broker whose brokerIP1 is a host name registers the name, but stores the resolved address.
  const candidates = named ? [named] : brokers.filter((each) => splitAddress(each.address).port === place.port);
  const request = encodeViewMessageById({ topic: topic ?? '', physicalOffset: place.physicalOffset });
  let unanswered: AppError | undefined;
  for (const { link, brokerName } of candidates) {
    const view = () => link.ask(request, io);
    // At the offset of another broker's id, there may be no message: brokers then refuse, or answer with other bytes.
    const message = await (named ? view() : unlessRefused(view, ['broker-refused', 'answer-unreadable'])).catch(
      (cause: unknown) => {
        const fault = faultOf(cause, io);
        if (named || fault.code !== 'broker-unreachable') throw fault;
        unanswered ??= fault;
        return undefined;
      },
    );
    const found = message && foundOf(message, brokerName);
    if (found && (named || found.facts['id'] === id.toUpperCase())) return { kind: 'found', messages: [found] };
  }
  // A broker that did not answer may have the message.
  if (unanswered !== undefined) throw unanswered;
  return notThere(
    named
      ? `no message starts at ${place.physicalOffset} of the commit log of ${address}`
      : `${id} as an offset message id names broker ${address}, which is not registered in the cluster${topic === undefined ? '; a unique key is looked up in its topic: add --topic' : ''}`,
  );
}

export function foundOf(message: StoredMessage, brokerName: string): FoundMessage {
  const body = unpackBody(message);
  const { bornAtMs, bornHost, storeHost, physicalOffset, storedBytes, reconsumeTimes, transaction } = message;
  const [, host = '', port = '0'] = /^\[?(.*?)\]?:(\d+)$/.exec(storeHost) ?? [];
  return {
    topic: message.topic,
    partition: message.queueId,
    brokerName,
    offset: message.queueOffset,
    storedAtMs: message.storedAtMs,
    value: body.bytes,
    properties: Array.from(
      decodeProperties(message.properties),
      ([name, value]) => [name, Buffer.from(value)] as const,
    ),
    facts: {
      id: encodeOffsetMessageId({ host, port: Number(port), physicalOffset }),
      // Senders set this time, so it may be out of range.
      'born at': Math.abs(bornAtMs) <= latestMs ? new Date(bornAtMs).toISOString() : `${bornAtMs} (out of range)`,
      'born by': bornHost,
      'stored by': storeHost,
      'stored bytes': String(storedBytes),
      ...(reconsumeTimes > 0 && { 'delivered again': String(reconsumeTimes) }),
      ...(transaction !== 'none' && { transaction }),
      ...(body.kind === 'packed' && { 'still compressed with': body.reason }),
    },
  };
}
