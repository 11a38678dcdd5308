// Plans and sends one message to a topic, once.

import { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import { queueName } from '../../brokers/delta/partition-key.ts';
import { partitionOfKey } from '../../brokers/kafka/partition-of-key.ts';
import { closedTopicHint } from '../../brokers/rocketmq/ask.ts';
import type { MessageSender, OutgoingMessage } from '../../brokers/message-sender.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind, PartitionPlace } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { done, type Step } from '../change/step.ts';

export interface MessageSpec {
  topic: string;
  /** Absent: chosen by the key as in Kafka's partitioner, otherwise any. */
  place?: Pick<PartitionPlace, 'partition' | 'brokerName'>;
  key?: string;
  /** RocketMQ only. */
  tag?: string;
  /** Headers or properties, in order. */
  headers: readonly (readonly [name: string, value: string])[];
  value: Buffer;
}

export const SendFacts = z.strictObject({
  topic: z.string(),
  partition: z.number(),
  brokerName: z.string().optional(),
  bytes: z.number(),
});
export type SendFacts = z.infer<typeof SendFacts>;

/** @param pick chooses among places without a key; returns an index. @throws AppError usage, not-found; errors of a broker */
export async function planMessage(
  sender: Pick<MessageSender, 'places'>,
  broker: BrokerKind,
  spec: MessageSpec,
  pick: (places: number) => number,
  io: Io,
): Promise<OutgoingMessage> {
  const { topic, key, headers, value } = spec;
  const places = await sender.places(topic, io);
  if (places.length === 0) {
    throw new AppError('broker-refused', `topic ${topic} accepts no messages now`, { hint: closedHint[broker](topic) });
  }
  const place = spec.place === undefined ? chosen(places, broker, key, pick) : named(places, topic, spec.place);
  const properties = headers.map(([name, content]) => [name, Buffer.from(content)] as const);
  return { ...place, value, ...written[broker](spec, properties) };
}

type Properties = OutgoingMessage['properties'];

/** Encoding of key, tag and headers for each kind of broker. */
const written: ByKind<(spec: MessageSpec, properties: Properties) => Pick<OutgoingMessage, 'key' | 'properties'>> = {
  kafka({ key, tag }, properties) {
    if (tag !== undefined) throw new AppError('usage', '--tag: Kafka messages have no tag; use --header NAME=VALUE');
    return { ...(key !== undefined && { key: Buffer.from(key) }), properties };
  },
  // Names of MessageConst; by default a client waits for slaves and disks.
  rocketmq({ key, tag, headers, topic }, properties) {
    if (headers.some(([name, content]) => name === 'TRAN_MSG' && /^true$/i.test(content))) {
      throw new AppError(
        'usage',
        `--header TRAN_MSG: the broker would hold the message, and ${topic} would never get it`,
        {
          hint: 'omit it: `plimsoll send` commits no transaction',
        },
      );
    }
    const own: Properties = [
      ...(key === undefined ? [] : [['KEYS', Buffer.from(key)] as const]),
      ...(tag === undefined ? [] : [['TAGS', Buffer.from(tag)] as const]),
      ['WAIT', Buffer.from('true')],
    ];
    return { properties: [...own, ...properties] };
  },
};

const closedHint: ByKind<(topic: string) => string> = {
  kafka: (topic) => `\`plimsoll get topic ${topic}\` shows its partitions`,
  rocketmq: closedTopicHint,
};

const isPlacedByKey: ByKind<boolean> = { kafka: true, rocketmq: false };

function chosen(
  places: readonly PartitionPlace[],
  broker: BrokerKind,
  key: string | undefined,
  pick: (places: number) => number,
): PartitionPlace {
  const found =
    isPlacedByKey[broker] && key !== undefined
      ? places.find(({ partition }) => partition === partitionOfKey(Buffer.from(key), places.length))
      : places[pick(places.length)];
  return found ?? (places[0] as PartitionPlace);
}

function named(
  places: readonly PartitionPlace[],
  topic: string,
  wanted: Pick<PartitionPlace, 'partition' | 'brokerName'>,
) {
  const found = places.find((each) => each.partition === wanted.partition && each.brokerName === wanted.brokerName);
  if (found !== undefined) return found;
  throw new AppError('not-found', `${topic} has no ${queueName(wanted)} that accepts messages`, {
    hint: `\`plimsoll get topic ${topic}\` lists them`,
  });
}

/** @param sent receives the offset; undefined if the broker delivers the message later */
export function sendSteps(
  sender: Pick<MessageSender, 'send'>,
  message: OutgoingMessage,
  sent: (offset: bigint | undefined) => void,
): Step<SendFacts>[] {
  const { topic, value } = message;
  const bytes = value?.length ?? 0;
  return [
    {
      id: 'send-message',
      description: `send a message of ${bytes} bytes to ${topic}`,
      zh: `向 ${topic} 发送一条 ${bytes} 字节的消息`,
      undo: { none: 'a message cannot be recalled', zh: '消息无法撤回' },
      async run(io) {
        const offset = await sender.send(message, io);
        sent(offset);
        return done(
          offset === undefined
            ? { en: 'stored; the broker delivers it later', zh: '已存储；由 Broker 稍后投递' }
            : { en: `stored at offset ${offset}`, zh: `已存储，位点 ${offset}` },
        );
      },
    },
  ];
}
