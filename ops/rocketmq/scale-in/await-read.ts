// Waits until every group has read all messages of a closed broker.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { seconds } from '../../../core/clock.ts';
import { clientTopics, masterOf, queuesOfTopics } from '../broker-group.ts';
import { changesNothing, done, ignoredText, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { unreadBlocker, unreadKey } from '../unread-blocker.ts';
import { readUnread, readUnreadLite, type Unread } from '../unread.ts';
import type { ScaleInFacts } from './facts.ts';

export function awaitRead(facts: ScaleInFacts, { desk, clock }: Tools): Step<ScaleInFacts> {
  let before: { at: number; messages: ReadonlyMap<string, bigint> } | undefined;
  const ignored = ignoredText(facts.ignoredGroups);
  return {
    id: 'see-read',
    description: `wait until no group has unread messages on the broker${ignored.en}`,
    zh: `等待所有消费组消费完该 Broker 上的消息${ignored.zh}`,
    pause: seconds(3),
    undo: changesNothing,
    async run(io) {
      const address = await masterOf(desk, facts.brokerName, io);
      const { topics, counted } = await unreadAt(desk, address, facts, io);
      const at = clock.monotonic();
      const holds = counted.map((each) =>
        unreadBlocker(each, facts, clock.now(), before && { ...before, elapsed: at - before.at }),
      );
      before = { at, messages: new Map(counted.map((each) => [unreadKey(each), each.messages])) };
      if (holds.length > 0) return { kind: 'held', holds };
      return done({
        en: `no group has unread messages (topics checked: ${topics})${ignored.en}`,
        zh: `没有消费组有未消费消息（已检查 Topic：${topics} 个）${ignored.zh}`,
      });
    },
  };
}

/** @returns unread messages of the groups not ignored, and the number of topics checked */
export async function unreadAt(
  desk: ChangeDesk,
  address: string,
  { names, ignoredGroups, readers }: Pick<ScaleInFacts, 'names' | 'ignoredGroups' | 'readers'>,
  io: Io,
): Promise<{ counted: Unread[]; topics: number }> {
  const topics = clientTopics(await desk.topics(address, io), new Set(names));
  const counted = await readUnread(desk, address, queuesOfTopics(topics), io, ignoredGroups, readers);
  const lite = await readUnreadLite(desk, address, topics, io, ignoredGroups);
  return { counted: [...counted, ...lite], topics: topics.length };
}
