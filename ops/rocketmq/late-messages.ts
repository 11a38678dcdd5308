// Finds topics with late messages, and their maximum delay.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, QueueRef } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import { decodeProperties } from '../../brokers/rocketmq/protocol/message-properties.ts';
import { readNumber } from '../../brokers/rocketmq/runtime-info.ts';
import { queuesOf, queuesOfTopics } from './broker-group.ts';
import { isFromBroker, keepsForLater } from './incoming.ts';

/** Number of queues of a topic whose newest messages are checked for late ones. */
const sampledQueues = 4;
const sampledMessages = 32n;

/** A broker stores a delayed message or transaction in the queue chosen at sending, even if that queue was removed. */
export const hasLateType = ({ attributes }: Pick<TopicDefinition, 'attributes'>) =>
  attributes['message.type'] === 'DELAY' || attributes['message.type'] === 'TRANSACTION';

/** Detects late messages that arrived, and waiting ones: before the first arrives, nothing else shows them. */
export async function holdsLateMessages(
  desk: ChangeDesk,
  address: string,
  { name, writeQueues }: Pick<TopicDefinition, 'name' | 'writeQueues'>,
  io: Io,
): Promise<boolean> {
  for (const queue of (await newestOf(desk, address, queuesOf(name, writeQueues), io)).slice(0, sampledQueues)) {
    if ((await desk.messages(address, queue, io)).some((message) => isFromBroker(message))) return true;
  }
  const keeping = (await desk.topics(address, io)).filter((topic) => keepsForLater(topic.name));
  for (const queue of await newestOf(desk, address, queuesOfTopics(keeping), io)) {
    const messages = await desk.messages(address, queue, io);
    if (messages.some(({ properties }) => decodeProperties(properties).get('REAL_TOPIC') === name)) return true;
  }
  return false;
}

async function newestOf(desk: ChangeDesk, address: string, queues: readonly QueueRef[], io: Io) {
  const [ends, starts] = [await desk.ends(address, queues, io), await desk.starts(address, queues, io)];
  return queues.flatMap((queue, index) => {
    const [start, end] = [starts[index] ?? 0n, ends[index] ?? 0n];
    return end > start ? [{ ...queue, offset: end - sampledMessages > start ? end - sampledMessages : start }] : [];
  });
}

const delayUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses `1s 5s 10s … 2h`, the format of messageDelayLevel. */
export function delaysOf(levels = ''): number[] {
  return levels
    .split(' ')
    .filter(Boolean)
    .map((level) => Number(level.slice(0, -1)) * (delayUnits[level.slice(-1)] ?? Number.NaN))
    .filter((delay) => Number.isFinite(delay));
}

/** Maximum delays of a broker, in seconds. */
export interface LongestDelays {
  /** Delay of each level, starting with level 1. */
  delaySeconds: number[];
  longestTimerSeconds?: number | undefined;
}

export function longestDelays(settings: ReadonlyMap<string, string> | undefined): LongestDelays {
  const timer = readNumber(settings?.get('timerMaxDelaySec'));
  return {
    delaySeconds: delaysOf(settings?.get('messageDelayLevel')),
    ...(timer !== undefined && { longestTimerSeconds: timer }),
  };
}

/** @returns seconds after which a broker gives up a transaction (TransactionalMessageServiceImpl); defaults of 4.9, the longest */
export function longestTransactionSeconds(settings: ReadonlyMap<string, string>): number {
  const of = (key: string, usual: number) => readNumber(settings.get(key)) ?? usual;
  const interval = of('transactionCheckInterval', 60_000);
  return (of('transactionTimeOut', 6000) + (of('transactionCheckMax', 15) + 1) * interval) / 1000;
}
