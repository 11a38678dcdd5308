// Waits until every group has read everything that a closed broker holds.

import { seconds } from '../../../core/units.ts';
import { clientTopics, queuesOfTopics } from '../broker-group.ts';
import { changesNothing, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { unreadBlocker, unreadKey } from '../unread-blocker.ts';
import { readUnread } from '../unread.ts';
import type { ScaleInFacts } from './facts.ts';
import { servingAddress } from '../serving.ts';

export function awaitRead(facts: ScaleInFacts, { desk, clock }: Tools): Step<ScaleInFacts> {
  let before: { at: number; messages: ReadonlyMap<string, bigint> } | undefined;
  return {
    id: 'see-read',
    by: 'plimsoll',
    description: 'wait until no group has unread messages on the broker',
    pause: seconds(3),
    undo: changesNothing,
    async run(io) {
      const address = await servingAddress(facts, desk, io);
      const topics = clientTopics(await desk.topics(address, io), new Set(facts.names));
      const unread = await readUnread(desk, address, queuesOfTopics(topics), io);
      const counted = unread.filter(({ group }) => !facts.ignoredGroups.includes(group));
      const at = clock.monotonic();
      const holds = counted.map((each) =>
        unreadBlocker(each, facts, clock.now(), before && { ...before, elapsed: at - before.at }),
      );
      before = { at, messages: new Map(counted.map((each) => [unreadKey(each), each.messages])) };
      if (holds.length > 0) return { kind: 'held', holds };
      const ignored = facts.ignoredGroups.length === 0 ? '' : `; not counted: ${facts.ignoredGroups.join(', ')}`;
      return { kind: 'done', evidence: [`no group has unread messages (topics checked: ${topics.length})${ignored}`] };
    },
  };
}
