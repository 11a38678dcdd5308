// Has every group read everything that a closed broker holds?

import { seconds } from '../../../core/units.ts';
import { clientTopics, queuesOfTopics } from '../broker-group.ts';
import type { Hold, Step, Tools } from '../change.ts';
import { readUnread, type Unread } from '../unread.ts';
import type { ScaleInFacts } from './facts.ts';
import { servingAddress } from './serving.ts';

export function seeRead(facts: ScaleInFacts, { desk, clock }: Tools): Step<ScaleInFacts> {
  let before: { at: number; messages: ReadonlyMap<string, bigint> } | undefined;
  return {
    id: 'see-read',
    by: 'plimsoll',
    says: 'wait until no group has anything left to read there',
    pause: seconds(3),
    async run(io) {
      const address = await servingAddress(facts, desk, io);
      const topics = clientTopics(await desk.topics(address, io), new Set(facts.names));
      const unread = await readUnread(desk, address, queuesOfTopics(topics), io);
      const counted = unread.filter(({ group }) => !facts.ignoredGroups.includes(group));
      const at = clock.monotonic();
      const holds = counted.map((each) =>
        holdOf(each, facts, clock.now(), before && { ...before, elapsed: at - before.at }),
      );
      before = { at, messages: new Map(counted.map((each) => [keyOf(each), each.messages])) };
      if (holds.length > 0) return { kind: 'held', holds };
      const ignored = facts.ignoredGroups.length === 0 ? '' : `; not counted: ${facts.ignoredGroups.join(', ')}`;
      return { kind: 'done', evidence: [`no group has anything left to read in ${topics.length} topics${ignored}`] };
    },
  };
}

const keyOf = ({ group, topic }: Unread) => `${group} ${topic}`;

/** A group that reads is through when its lag is, at the pace of the last look; of one that is offline the messages expire. */
export function holdOf(
  each: Unread,
  { quietAt, retentionHours }: Pick<ScaleInFacts, 'quietAt' | 'retentionHours'>,
  now: Date,
  before?: { messages: ReadonlyMap<string, bigint>; elapsed: number },
): Hold {
  const { group, topic, messages, clients } = each;
  const online = clients.length === 0 ? 'no client of it is online' : `${clients.length} clients online`;
  const what = `group ${group} has ${messages} messages of ${topic} to read (${online})`;
  if (clients.length === 0) {
    if (quietAt === undefined || retentionHours === undefined) return { what };
    const until = new Date(Date.parse(quietAt) + retentionHours * 3_600_000);
    return { what: `${what}: they expire unread; --ignore-group ${group} counts them as not needed`, until };
  }
  const last = before?.messages.get(keyOf(each));
  if (before === undefined || last === undefined || last <= messages || before.elapsed <= 0) return { what };
  const perSecond = Number(last - messages) / before.elapsed;
  return { what, until: new Date(now.getTime() + (Number(messages) / perSecond) * 1000) };
}
