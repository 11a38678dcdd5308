// Detects messages that clients still send to a broker's queues, and identifies the senders.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, QueueRef } from '../../brokers/rocketmq/changes/change-desk.ts';
import { decodeProperties } from '../../brokers/rocketmq/protocol/message-properties.ts';
import type { StoredMessage } from '../../brokers/rocketmq/protocol/message.ts';
import { named } from '../../core/text/bilingual.ts';
import type { Blocker } from '../change/step.ts';
import { queueKey } from './broker-group.ts';

interface Sender {
  topic: string;
  /** Group and client id if the broker knows the connection, and the address that sent the message. */
  client: string;
}

/** Properties that the broker sets on messages stored for later, and keeps at delivery: delays and retries, and timers of 5.x. */
const storedForLater = ['REAL_TOPIC', 'TIMER_OUT_MS'];
/** A count, or a label with timerRocksDBEnable (TimerMessageRocksDBStore.convertMessage, 5.4). */
const rolled = ['TIMER_ROLL_TIMES', 'TIMER_ROLL_LABEL'];
const checked = ['TRANSACTION_CHECK_TIMES'];
/**
 * Topics in which messages wait, with properties of those that the broker stores there again: timers rolled on,
 * transactions checked.
 */
const waiting: Readonly<Record<string, readonly string[]>> = {
  SCHEDULE_TOPIC_XXXX: rolled,
  rmq_sys_wheel_timer: rolled,
  RMQ_SYS_TRANS_HALF_TOPIC: checked,
  RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC: checked,
};
/** Whether messages wait in this topic until they are stored in their own. */
export const keepsForLater = (topic: string) => Object.hasOwn(waiting, topic);
/** Internal records of the broker: outcomes of transactions, pops and their acknowledgements. */
const records = /^(RMQ_SYS_(ROCKSDB_)?TRANS_OP_HALF_TOPIC|rmq_sys_REVIVE_LOG_.*)$/;

/** Whether messages of clients are stored in a topic. */
export const takesFromClients = (topic: string) => !records.test(topic);

/**
 * Reads at most one pull, 32 messages, of a queue that received messages: enough to name a sender.
 *
 * @returns a function that returns the senders since its last call; messages that the broker stored itself have no
 *   sender
 */
export function watchIncoming(desk: ChangeDesk) {
  let before: ReadonlyMap<string, bigint> | undefined;
  return async (address: string, queues: readonly QueueRef[], io: Io): Promise<Sender[]> => {
    const ends = await desk.ends(address, queues, io);
    const last = before;
    before = new Map(queues.map((queue, index) => [queueKey(queue), ends[index] ?? 0n]));
    const moved = queues.filter((queue, index) => {
      const known = last?.get(queueKey(queue));
      return known !== undefined && (ends[index] ?? 0n) > known;
    });
    const senders: Sender[] = [];
    let clients: ReadonlyMap<string, string> | undefined;
    for (const queue of moved) {
      const offset = last?.get(queueKey(queue)) ?? 0n;
      for (const message of await desk.messages(address, { ...queue, offset }, io)) {
        if (isFromBroker(message)) continue;
        clients ??= await clientsByAddress(desk, address, io);
        const client = clients.get(message.bornHost);
        const { topic, bornHost } = message;
        senders.push({ topic, client: client === undefined ? bornHost : `${client} at ${bornHost}` });
      }
    }
    return [...new Map(senders.map((sender) => [`${sender.topic} ${sender.client}`, sender])).values()];
  };
}

/** True for a delayed message, timer or retry that became due, and for a committed transaction: they were accepted before. */
export function isFromBroker(message: Pick<StoredMessage, 'topic' | 'properties' | 'transaction'>): boolean {
  const { topic, properties, transaction } = message;
  const decoded = decodeProperties(properties);
  // Until it is due, a pop record is a timer of a topic that clients cannot send to (PopMessageProcessor).
  if (!takesFromClients(decoded.get('REAL_TOPIC') ?? '')) return true;
  const again = Object.hasOwn(waiting, topic) ? waiting[topic] : undefined;
  if (again !== undefined) return again.some((name) => decoded.has(name));
  // A popped message without an acknowledgement: the broker stores it again for the next pop (PopReviveService).
  if (topic.startsWith('%RETRY%') && decoded.has('1ST_POP_TIME')) return true;
  return transaction === 'committed' || storedForLater.some((name) => decoded.has(name));
}

async function clientsByAddress(desk: ChangeDesk, address: string, io: Io): Promise<Map<string, string>> {
  const groups = await desk.producers(address, io);
  return new Map(
    groups.flatMap(({ group, clients }) =>
      clients.flatMap(({ clientId, address: from }) => (from === undefined ? [] : [[from, `${clientId} of ${group}`]])),
    ),
  );
}

/** @returns clients that block a change because they still send */
export function senderBlockers(senders: readonly Sender[]): Blocker[] {
  return Array.from(
    Map.groupBy(senders, ({ client }) => client),
    ([client, of]) => {
      const topics = [...new Set(of.map(({ topic }) => topic))];
      return { what: `${client} still sends: ${named(topics)}`, zh: `${client} 仍在发送：${named(topics, 5, 'zh')}` };
    },
  );
}
