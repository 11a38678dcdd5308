// Merges a slave's reading with the last reading of its absent master, so that no offset moves back.

import { defined } from '../../../core/defined.ts';
import type { TopicCommits } from '../protocol/offset-requests.ts';
import type { QueueReading } from './broker-reading.ts';
import type { OffsetsByTopic, QueueOffsets } from './queue-offsets.ts';

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
