// Keeps each master for a while after the name servers drop it, and merges its last reading with that of a slave.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { defaultKeepSeconds } from '../../sections.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Member, Membership } from './membership.ts';
import { defined } from '../../../core/defined.ts';
import type { TopicCommits } from '../protocol/offset-requests.ts';
import type { QueueReading } from './broker-reading.ts';
import type { OffsetsByTopic, QueueOffsets } from './queue-offsets.ts';

/** Absent masters by broker name. */
export type AbsentMasters = ReadonlyMap<string, Member>;

/** A broker not listed for this time is no longer expected, as in alerts/rules and on the pages. */
const expectedSeconds = 6 * 3600;

/**
 * After an election, the new master takes broker id 0, so no master is absent. Messages of the old master that its log
 * lacks were truncated.
 *
 * @returns a function from the current list to the masters of names that are listed without a master (`absent`, for
 * minutes), and of names that are no longer listed (`gone`, for hours, because nobody can write or commit there), unless
 * the address has a name that had no other address before, because the broker was renamed. One that had another address
 * only moved, as containers do
 */
export function createAbsentMasters(clock: Clock) {
  const masters = new Map<string, { master: Member; listedAt: number }>();
  const firstAddress = new Map<string, string>();
  return ({ byName, members }: Pick<Membership, 'byName' | 'members'>) => {
    const now = clock.monotonic();
    const [absent, gone] = [new Map<string, Member>(), new Map<string, Member>()];
    for (const [brokerName, [head]] of byName) {
      if (head !== undefined && !firstAddress.has(brokerName)) firstAddress.set(brokerName, head.address);
      if (head?.brokerId === 0) masters.set(brokerName, { master: head, listedAt: now });
    }
    const isRenamed = ({ address }: Member) =>
      members.some((each) => each.address === address && firstAddress.get(each.brokerName) === address);
    for (const [brokerName, { master, listedAt }] of masters) {
      const head = byName.get(brokerName)?.[0];
      if (head === master) continue;
      const isGone = head === undefined;
      const isOld = now - listedAt >= (isGone ? expectedSeconds : defaultKeepSeconds);
      // A slave that served for minutes has newer commits.
      if (isOld || (isGone && isRenamed(master))) masters.delete(brokerName);
      else (isGone ? gone : absent).set(brokerName, master);
    }
    return { absent, gone };
  };
}

/** Sends no requests, so that the last values of the broker are shown with their age. */
export const linkToAbsent = (id: string): BrokerLink => ({
  id,
  ask: () => Promise.reject(new AppError('broker-unreachable', `no name server lists ${id}`)),
});

/**
 * A slave fetches topics, groups and commits from its master on a timer (45 s between two were seen on 5.3.3), but
 * messages continuously. Alone, its reading would lack new topics, and show a false lag from old commits
 * with new ends.
 *
 * @param master last good values of the master, while they are kept
 */
export function withStandIn(master: QueueReading, standIn: QueueReading): QueueReading {
  return defined({
    broker: standIn.broker,
    topics: named(master.topics, standIn.topics),
    groups: named(master.groups, standIn.groups),
    commits: union(master.commits, standIn.commits, furtherCommits),
    orphanedGroups: standIn.orphanedGroups ?? master.orphanedGroups,
    offsets: furtherEnds(master.offsets, standIn.offsets),
    endsOfCommits: furtherEnds(master.endsOfCommits, standIn.endsOfCommits),
    hasAllGroups: master.hasAllGroups || standIn.hasAllGroups,
    moved: standIn.moved,
  });
}

const named = <Row extends { name: string }>(ofMaster: readonly Row[], ofStandIn: readonly Row[]): readonly Row[] => [
  ...new Map([...ofMaster, ...ofStandIn].map((row) => [row.name, row])).values(),
];

function union<Key, Value>(
  one: ReadonlyMap<Key, Value>,
  other: ReadonlyMap<Key, Value>,
  merge: (one: Value, other: Value) => Value,
): Map<Key, Value> {
  const both = new Map(one);
  for (const [key, value] of other) {
    const own = one.get(key);
    both.set(key, own === undefined ? value : merge(own, value));
  }
  return both;
}

const further = (one: bigint, other: bigint) => (one > other ? one : other);

const furtherCommits = (ofMaster: TopicCommits, ofStandIn: TopicCommits): TopicCommits => ({
  ...ofStandIn,
  byQueue: union(ofMaster.byQueue, ofStandIn.byQueue, further),
});

function furtherEnds(ofMaster?: OffsetsByTopic, ofStandIn?: OffsetsByTopic): OffsetsByTopic | undefined {
  return ofMaster === undefined || ofStandIn === undefined
    ? (ofMaster ?? ofStandIn)
    : union(ofMaster, ofStandIn, furtherQueues);
}

type Queues = OffsetsByTopic extends ReadonlyMap<string, infer Value> ? Value : never;

function furtherQueues(ofMaster: Queues, ofStandIn: Queues): Queues {
  return Array.from({ length: Math.max(ofMaster.length, ofStandIn.length) }, (_, queue): QueueOffsets | undefined => {
    const [own, its] = [ofMaster[queue], ofStandIn[queue]];
    return own === undefined || its === undefined ? (its ?? own) : { ...its, end: further(own.end, its.end) };
  });
}
