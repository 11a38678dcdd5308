// Counts the pop check points of a broker that are not settled yet.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, QueueRef } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { findProperty, propertyNames } from '../../../brokers/rocketmq/protocol/message-properties.ts';
import type { StoredMessage } from '../../../brokers/rocketmq/protocol/message.ts';
import type { Blocker } from '../../change/step.ts';
import { queuesOfTopics } from '../broker-group.ts';

const reviveTopic = /^rmq_sys_REVIVE_LOG_/;
/** Of a queue in one look: at rest, the acknowledgements of a second lie behind the last check point. */
const mostRead = 10_000n;

/**
 * PopReviveService commits the offset of the last check point it settled, and reads from the one behind it.
 * Acknowledgements (ack, bAck) settle check points and never move the commit.
 */
export async function popBlockers(
  desk: Pick<ChangeDesk, 'topics' | 'commits' | 'starts' | 'ends' | 'messages'>,
  address: string,
  io: Io,
): Promise<Blocker[]> {
  const topics = (await desk.topics(address, io)).filter(({ name }) => reviveTopic.test(name));
  if (topics.length === 0) return [];
  const queues = queuesOfTopics(topics);
  const commits = (await desk.commits(address, io)).filter(({ group }) => group.startsWith('CID_RMQ_SYS_'));
  const [starts, ends] = [await desk.starts(address, queues, io), await desk.ends(address, queues, io)];
  let waiting = 0n;
  for (const [index, queue] of queues.entries()) {
    const settled = commits.find(({ topic }) => topic === queue.topic)?.byQueue.get(queue.queueId) ?? -1n;
    const start = starts[index] ?? 0n;
    const from = settled + 1n > start ? settled + 1n : start;
    waiting += await checkPointsIn(desk, address, { queue, from, end: ends[index] ?? 0n }, io);
  }
  return waiting > 0n ? [{ what: `${waiting} pending pop records (not acknowledged)` }] : [];
}

async function checkPointsIn(
  desk: Pick<ChangeDesk, 'messages'>,
  address: string,
  { queue, from, end }: { queue: QueueRef; from: bigint; end: bigint },
  io: Io,
): Promise<bigint> {
  let offset = from;
  let found = 0n;
  while (offset < end && offset - from < mostRead) {
    const messages = await desk.messages(address, { ...queue, offset }, io);
    const last = messages.at(-1);
    if (last === undefined) break;
    found += BigInt(messages.filter(isCheckPoint).length);
    offset = last.queueOffset + 1n;
  }
  // What was not read may hold check points.
  return offset < end ? found + end - offset : found;
}

const isCheckPoint = ({ properties }: Pick<StoredMessage, 'properties'>) =>
  findProperty(properties, propertyNames.tags)?.toString() === 'ck';
