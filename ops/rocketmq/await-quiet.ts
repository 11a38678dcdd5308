// Waits until no producer writes to a closed broker, which still accepts messages of clients with an old route.

import { holdsMessages } from '../../brokers/rocketmq/inspect/topic-kind.ts';
import { seconds } from '../../core/clock.ts';
import { masterOf, queuesOfTopics } from './broker-group.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { joinedTexts, type Text } from '../../core/text/bilingual.ts';
import { blockedBy, blocker, changesNothing, done, heldBy, type Step } from '../change/step.ts';
import type { Tools } from './change.ts';
import { senderBlockers, takesFromClients, watchIncoming } from './incoming.ts';
import { openMemberBlockers, type ClosedGroup } from './close-writes.ts';

export interface Quiet extends ClosedGroup {
  /** ISO 8601 time at which this was proven. */
  quietAt?: string | undefined;
}

/** How to continue while clients still send. */
export interface LeaveToSenders {
  isAccepted: boolean;
  /** How to accept it. */
  hint: InLanguages<string>;
  evidence(who: InLanguages<string>): Text;
}

export const waitingText = (quietSeconds: number) => ({
  en: `waiting for ${quietSeconds} s without messages`,
  zh: `等待连续 ${quietSeconds} 秒没有消息`,
});

/*
 * A broker refuses sends because of its permission only for ordered topics (msgCheck of AbstractSendMessageProcessor,
 * 4.x and 5.x); it stores all others. Java clients refresh routes every 30 s (pollNameServerInterval).
 */
export function awaitQuiet<Facts extends Quiet>(facts: Facts, tools: Tools, leave?: LeaveToSenders): Step<Facts> {
  const { desk, clock } = tools;
  let begun: number | undefined;
  const look = watchIncoming(desk);
  let quietSince: number | undefined;
  let looked: string | undefined;
  return {
    id: 'see-quiet',
    description: `wait until no client has sent for ${facts.quietSeconds} s`,
    zh: `等待连续 ${facts.quietSeconds} 秒没有客户端发送消息`,
    pause: seconds(Math.min(5, facts.quietSeconds / 4)),
    undo: changesNothing,
    async run(io) {
      const open = await openMemberBlockers(facts, tools, io);
      if (open.length > 0) {
        quietSince = undefined;
        return { kind: 'held', holds: open };
      }
      const address = await masterOf(desk, facts.brokerName, io);
      // An elected master may lack the last messages: what was sent to it since does not show in its ends.
      if (address !== looked) quietSince = undefined;
      looked = address;
      const names = new Set(facts.names);
      // Messages stored for later are in internal topics of the broker, so all topics are watched.
      const topics = (await desk.topics(address, io)).filter(
        ({ name }) => holdsMessages(name, names) && takesFromClients(name),
      );
      const queues = queuesOfTopics(topics);
      const senders = await look(address, queues, io);
      const now = clock.monotonic();
      if (senders.length > 0 || quietSince === undefined) quietSince = now;
      begun ??= now;
      if (senders.length > 0) {
        const holds = senderBlockers(senders);
        if (leave === undefined) return { kind: 'held', holds };
        const isOver = now - begun >= facts.quietSeconds;
        if (leave.isAccepted && isOver) return done(leave.evidence(joinedTexts(holds.map(blockedBy))));
        return { kind: 'held', holds: leave.isAccepted ? holds : [...holds, blocker(leave.hint)] };
      }
      const quiet = now - quietSince;
      if (quiet < facts.quietSeconds) return heldBy(waitingText(facts.quietSeconds));
      const learnt = { quietAt: clock.now().toISOString() } as Partial<Facts>;
      const evidence = {
        en: `no client message for ${Math.floor(quiet)} s (queues: ${queues.length}, topics: ${topics.length})`,
        zh: `${Math.floor(quiet)} 秒内没有客户端消息（队列：${queues.length} 个，Topic：${topics.length} 个）`,
      };
      return { ...done(evidence), learnt };
    },
  };
}
