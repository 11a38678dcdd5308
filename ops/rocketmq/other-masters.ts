// Finds the effect of closing a broker to producers on its topics: topics without another broker, and topics whose keys move.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { topicKindOf } from '../../brokers/rocketmq/inspect/topic-kind.ts';
import type { TopicDefinition } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { faultOf } from '../../core/errors.ts';
import { findingIf } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import { isOrdered, type Master } from './broker-group.ts';
import { mayWrite, permissionIn } from './close-writes.ts';

/** @returns the topics of each master that can be read and accepts messages */
export async function topicsOfOpen(
  desk: Pick<ChangeDesk, 'reach' | 'settings' | 'topics'>,
  masters: readonly Master[],
  io: Io,
): Promise<TopicDefinition[][]> {
  const open: TopicDefinition[][] = [];
  for (const { address } of masters) {
    if ((await desk.reach(address, io)) !== 'answers') continue;
    try {
      if (mayWrite(permissionIn(await desk.settings(address, io)))) open.push(await desk.topics(address, io));
    } catch (cause) {
      // A master of another cluster may refuse access; a busy or slow one must not be skipped.
      const fault = faultOf(cause, io);
      if (fault.code !== 'credentials-refused') throw fault;
    }
  }
  return open;
}

/** @param elsewhere topics of each other broker that accepts messages */
export function topicsOnlyHere(
  topics: readonly TopicDefinition[],
  elsewhere: readonly (readonly TopicDefinition[])[],
  names: ReadonlySet<string>,
): string[] {
  const canWrite = ({ writeQueues, permission }: TopicDefinition) => writeQueues > 0 && mayWrite(permission);
  const taken = new Set(elsewhere.flatMap((other) => other.filter(canWrite).map(({ name }) => name)));
  return topics
    .filter((topic) => topicKindOf(topic.name, names) === 'normal' && canWrite(topic) && !taken.has(topic.name))
    .map(({ name }) => name);
}

export const orderedTopics = (topics: readonly TopicDefinition[]): string[] => [
  ...new Set(topics.filter(isOrdered).map(({ name }) => name)),
];

export function findingsOfOrder(topics: readonly TopicDefinition[]): Finding[] {
  const names = orderedTopics(topics);
  return findingIf(names.length > 0, 'warning', 'order-moves', {
    en: `keys of ${named(names)} move to other queues. Where the order configuration of a topic still names this broker once it is closed to writes, they do not, and sends of its keys fail until it accepts writes again. Order is kept within a queue, and messages of a moved key are in order again once its old queue is read`,
    zh: `${named(names, 5, 'zh')} 的 Key 会进入其他队列；若禁写时 Topic 的顺序配置仍包含该 Broker，则其 Key 不会迁移，消息会发送失败，直至恢复写入。顺序只在队列内保证，旧队列消费完毕后，已迁移 Key 的消息恢复有序`,
  });
}

/** Advice for a broker that leaves, or whose last messages could be lost. */
export const remapped = {
  en: 'move them with mqadmin remappingStaticTopic, and wait until the mapping no longer lists this broker',
  zh: '请用 mqadmin remappingStaticTopic 迁移，并等待映射中不再包含该 Broker',
};

/** Clients of a static topic read the mapping of its queues, and not the permission of the broker. */
export function findingsOfStatic(
  brokerName: string,
  topics: readonly TopicDefinition[],
  severity: Finding['severity'],
  advice: InLanguages<string>,
): Finding[] {
  const names = topics.filter(({ isStatic }) => isStatic).map(({ name }) => name);
  return findingIf(names.length > 0, severity, 'static-topic', {
    en: `${brokerName} has mapped queues of the static topics ${named(names)}, which producers write to although it is closed: ${advice.en}`,
    zh: `${brokerName} 上有静态 Topic 的映射队列：${named(names, 5, 'zh')}，禁写后生产者仍会写入。${advice.zh}`,
  });
}
